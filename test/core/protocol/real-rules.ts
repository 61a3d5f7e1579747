import { type Occurrences, occurrencesOf } from '../../../lib/core/schedule/schedule.js';
import { nextOccurrence, latestInTime } from '../../../lib/core/settlement.js';
import type { MissedPolicy } from '../../../lib/core/task.js';
import type { LeaseProof, Registration, Settlement } from '../../../lib/core/task-repository.js';
import type { TaskRow, Trigger } from '../../../lib/core/task-row.js';
import * as transitions from '../../../lib/core/task-transitions.js';
import { CURRENT, QUEUED, type SmallRow, type SmallSchedule, place, rules as modelRules } from './rules.mjs';

// The model's rules, but decided by the project's own transition functions. The model's rows are small; these two functions
// translate, and everything between them is the real thing.

const TRIGGER: Trigger = { at: 0, args: null };
const KEY = {
  task: 't',
  instance: 'i',
  queue: 't',
  jitterMs: 0,
  lockedBy: null,
  executionId: null,
  lastError: null,
  origin: null,
};

// Written out, not spread: this runs tens of millions of times.
const toRow = (small: SmallRow): TaskRow => ({
  task: 't',
  instance: 'i',
  queue: 't',
  jitterMs: 0,
  lockedBy: null,
  executionId: null,
  lastError: null,
  origin: null,
  schedule: small.spec.sched,
  args: String(small.spec.args),
  scheduledAt: small.at,
  dueAt: small.due,
  lockedUntil: small.until,
  leaseToken: small.tok === null ? null : String(small.tok),
  attempt: small.att,
  hold: small.hold,
  queued: small.trig & QUEUED ? TRIGGER : null,
  current: small.trig & CURRENT ? TRIGGER : null,
});

const toSmall = (row: TaskRow): SmallRow => ({
  spec: { sched: row.schedule, args: Number(row.args) },
  at: row.scheduledAt,
  due: row.dueAt,
  until: row.lockedUntil,
  tok: row.leaseToken === null ? null : Number(row.leaseToken),
  att: row.attempt,
  hold: row.hold,
  trig: (row.queued ? QUEUED : 0) | (row.current ? CURRENT : 0),
});

/** Unchanged rows stay the same object, as the model expects. */
function through(small: SmallRow, change: (row: TaskRow) => TaskRow): SmallRow {
  const row = toRow(small);
  const changed = change(row);
  return changed === row ? small : toSmall(changed);
}

interface SmallClaim {
  readonly tok: number;
  readonly att: number;
  readonly at: number;
}

const proof = (claim: SmallClaim): LeaseProof => ({
  task: 't',
  instance: 'i',
  leaseToken: String(claim.tok),
  attempt: claim.att,
});

interface SmallSettlement {
  readonly kind: Settlement['kind'];
  readonly now: number;
  readonly next: number | null;
  readonly due: number;
}

function toSettlement({ kind, next, due }: SmallSettlement): Settlement {
  switch (kind) {
    case 'done':
      return { kind, next, jitterMs: 0, error: null };
    case 'retry':
      return { kind, dueAt: due, error: null };
    case 'back':
      return { kind };
    default:
      return { kind, error: null };
  }
}

const known = new Map<SmallSchedule, Occurrences>();

function occurrences(schedule: SmallSchedule): Occurrences {
  let found = known.get(schedule);
  if (!found) {
    found = occurrencesOf(
      schedule.every === undefined
        ? { kind: 'once', at: schedule.once ?? 0 }
        : { kind: 'interval', everyMs: schedule.every },
      '',
    );
    known.set(schedule, found);
  }
  return found;
}

/** The project's rules in the model's words. */
export const rules = {
  ...modelRules,

  claimable: (small: SmallRow | null, now: number) =>
    small !== null && transitions.isClaimable(toRow(small), now),

  claim: (small: SmallRow, now: number, token: number, lease: number) =>
    through(small, (row) => transitions.claim(row, now, lease, String(token), 'worker')),

  heartbeat: (small: SmallRow | null, claim: SmallClaim, until: number) =>
    small && through(small, (row) => transitions.renew(row, proof(claim), until)),

  reseat: (small: SmallRow | null, claim: SmallClaim, at: number) =>
    small && through(small, (row) => transitions.reseat(row, proof(claim), at)),

  settle(small: SmallRow | null, claim: SmallClaim, settlement: SmallSettlement): SmallRow | null {
    if (small === null) return null;
    const before = toRow(small);
    const { row } = transitions.settle(before, proof(claim), toSettlement(settlement), settlement.now);
    return row === before ? small : row && toSmall(row);
  },

  schedule(
    small: SmallRow | null,
    spec: SmallRow['spec'],
    now: number,
    force: boolean,
    schedule: SmallSchedule,
  ): SmallRow {
    const wanted: Registration = {
      ...KEY,
      schedule: spec.sched,
      args: String(spec.args),
      force,
      place: (at) => place(schedule, at),
    };
    return toSmall(transitions.schedule(small && toRow(small), wanted, now));
  },

  pause: (small: SmallRow | null) => small && through(small, transitions.pause),

  resume: (small: SmallRow | null, from: 'schedule' | 'now', now: number, schedule: SmallSchedule | null) =>
    small &&
    through(small, (row) =>
      transitions.resume(
        row,
        from,
        from === 'now' && schedule?.every !== undefined ? now + schedule.every : null,
        now,
      ),
    ),

  trigger: (small: SmallRow | null, now: number) =>
    small && through(small, (row) => transitions.trigger(row, null, now)),

  next: (schedule: SmallSchedule, at: number, now: number, missed: MissedPolicy, maxLatenessMs: number) =>
    nextOccurrence(occurrences(schedule), at, now, { missed, maxLatenessMs }),

  instead: (claim: SmallClaim, schedule: SmallSchedule, now: number, maxLatenessMs: number) =>
    schedule.every === undefined
      ? claim.at
      : latestInTime(occurrences(schedule), claim.at, now, maxLatenessMs),
};
