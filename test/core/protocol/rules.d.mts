/** A row as the model writes it. */
export interface SmallRow {
  readonly spec: { readonly sched: string; readonly args: number };
  readonly at: number | null;
  readonly due: number | null;
  readonly until: number | null;
  readonly tok: number | null;
  readonly att: number;
  readonly hold: 'paused' | 'parked' | null;
  readonly trig: number;
}
export interface SmallSchedule {
  readonly every?: number;
  readonly once?: number;
}
export const QUEUED: 1;
export const CURRENT: 2;
export const rules: object;
export function place(schedule: SmallSchedule, now: number): number;
