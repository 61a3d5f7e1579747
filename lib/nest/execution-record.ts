import { DateTime } from 'luxon';
import { InvalidScheduleException } from '../core/errors.js';
import type { ExecutionEntry, ExecutionPlace } from '../core/execution-history.js';
import { resolveZone } from '../core/schedule/zone.js';
import { instanceNameOf } from '../core/task-spec.js';
import type { ExecutionRecord } from './interfaces/execution-record.js';

/** An execution with its moments in a zone. */
export function executionRecord(entry: ExecutionEntry, timezone: string): ExecutionRecord {
  const zone = resolveZone(timezone);
  const moment = (at: number): DateTime => DateTime.fromMillis(at, { zone });
  const { task, executionId, attempt, outcome, error, process } = entry;
  return {
    task,
    instanceName: instanceNameOf(entry),
    executionId,
    attempt,
    scheduledAt: moment(entry.scheduledAt),
    startedAt: moment(entry.startedAt),
    finishedAt: moment(entry.finishedAt),
    outcome,
    error,
    process,
  };
}

/** What leads to the page after an execution. */
export function tokenOf({ finishedAt, attempt, executionId }: ExecutionPlace): string {
  return Buffer.from(`${finishedAt}/${attempt}/${executionId}`, 'utf8').toString('base64url');
}

/** Where a page begins. @throws InvalidScheduleException when `listExecutions` never gave such a token */
export function placeOf(token: string | null | undefined): ExecutionPlace | null {
  if (token === null || token === undefined) return null;
  const text = Buffer.from(String(token), 'base64url').toString('utf8');
  const [, finishedAt, attempt, executionId] = /^(-?\d{1,16})\/(\d{1,9})\/(.+)$/s.exec(text) ?? [];
  if (finishedAt === undefined || attempt === undefined || executionId === undefined)
    throw new InvalidScheduleException(
      'This continuationToken is none that listExecutions() gave: leave it out for the first page',
    );
  return { finishedAt: Number(finishedAt), attempt: Number(attempt), executionId };
}
