import type { Attributes } from '@opentelemetry/api';
import { errorText } from '../../core/text-of.js';
import type { Execution } from '../../engine/execution.js';
import type { RepositoryOperation, SchedulingCall } from '../../engine/execution-observer.js';

// The semantic conventions for messaging: a task is a destination, an occurrence is a message, scheduling sends it and executing
// processes it. What they have no word for is in the namespace that they leave to each system.

const SYSTEM = { 'messaging.system': 'pyncette' };

export function executionAttributes(execution: Execution): Attributes {
  return {
    ...SYSTEM,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': execution.task.name,
    'messaging.message.id': execution.executionId,
    'messaging.pyncette.instance': execution.instanceName ?? undefined,
    'messaging.pyncette.attempt': execution.attempt,
    'messaging.pyncette.missed': execution.missed,
    'messaging.pyncette.scheduled_at': new Date(execution.scheduledAt).toISOString(),
    'messaging.pyncette.triggered': execution.isTriggered,
  };
}

export function schedulingAttributes({ kind, task, instanceNames }: SchedulingCall): Attributes {
  const only = instanceNames.length === 1 ? instanceNames[0] : undefined;
  return {
    ...SYSTEM,
    'messaging.operation.name': kind,
    'messaging.operation.type': 'send',
    'messaging.destination.name': task,
    'messaging.batch.message_count': instanceNames.length > 1 ? instanceNames.length : undefined,
    'messaging.pyncette.instance': only ?? undefined,
  };
}

export const tickAttributes = (claimed: number): Attributes => ({
  ...SYSTEM,
  'messaging.operation.name': 'tick',
  'messaging.operation.type': 'receive',
  'messaging.batch.message_count': claimed,
});

/** What the conventions call the calls they know. */
const OPERATION_TYPES: Readonly<Record<string, string>> = { claim: 'receive', settle: 'settle' };

export const operationAttributes = ({ operation, result }: RepositoryOperation): Attributes => ({
  ...SYSTEM,
  'messaging.operation.name': operation,
  'messaging.operation.type': OPERATION_TYPES[operation],
  'messaging.pyncette.result': result,
});

/** `error.type` of the general conventions. */
export const errorType = (error: unknown): string => errorText(error).name;
