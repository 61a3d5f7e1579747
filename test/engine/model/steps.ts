import type { Asked } from './instance-history.js';

/** One step of a walk: something asked of an instance, time, or an accident. */
export type Step =
  | { readonly kind: 'schedule'; readonly name: string; readonly asked: Asked; readonly force: boolean }
  | { readonly kind: 'unschedule' | 'pause' | 'trigger'; readonly name: string }
  | { readonly kind: 'resume'; readonly name: string | null; readonly from: 'schedule' | 'now' }
  | { readonly kind: 'pauseAll' }
  | { readonly kind: 'advance' | 'jump'; readonly ms: number }
  | { readonly kind: 'crash' | 'stop' | 'diesAtClaim'; readonly process: 0 | 1 };

/** What is given to the scheduler for it. */
export function optionsOf({ kind, ms }: Asked): Record<string, unknown> {
  if (kind === 'interval') return { interval: ms };
  return kind === 'once' ? { executeIn: ms } : { schedule: `*/${ms / 1_000} * * * * *` };
}
