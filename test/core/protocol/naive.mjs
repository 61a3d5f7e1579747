// Rules one would write first, and what they break. Each is a test case: the checker must find its counter-example.
import { place, rules } from './rules.mjs';

const patch = (r, change) => (r === null ? null : { ...r, ...change });
const changed = (r, spec) => r !== null && (r.spec.sched !== spec.sched || r.at === null);

export const naive = [
  // fencing
  {
    name: 'settle by key only',
    property: 'P4',
    scenario: 'interval',
    rules: { settle: (r, c, s) => r && rules.settle(r, { ...c, tok: r.tok }, s) },
  },
  {
    name: 'a claim reads its rows in a second statement, outside the transaction',
    property: 'P1',
    scenario: 'interval',
    cfg: { ops: ['change'] },
    rules: { readsLater: true },
  },
  {
    name: 'the token is the worker',
    property: 'P4',
    scenario: 'interval',
    rules: { symmetric: false, token: () => 1 },
  },
  {
    name: 'the token is the number of the attempt',
    property: 'P4',
    scenario: 'interval',
    rules: { symmetric: false, token: (acq, slot, r) => r.att + 1 },
  },
  {
    name: 'a claim is a SELECT and an UPDATE by key',
    property: 'P3',
    scenario: 'interval',
    rules: { claimable: (r, now) => r !== null && r.due !== null && r.due <= now },
  },
  {
    name: 'settle compares scheduled_at (unschedule, schedule again: the same moment)',
    property: 'P4',
    scenario: 'once-off',
    cfg: { ops: ['unschedule', 'same'] },
    rules: {
      settle: (r, c, s) => (r && r.at === c.at ? rules.settle(r, { ...c, tok: r.tok, att: r.att }, s) : r),
    },
  },
  {
    name: 'settling leaves the token',
    property: 'P9',
    scenario: 'interval',
    cfg: { beats: 0 },
    rules: {
      settle: (r, c, s) => {
        const n = rules.settle(r, c, s);
        return n && n !== r ? { ...n, tok: c.tok } : n;
      },
    },
  },
  {
    name: 'a failure that keeps the lease keeps the token',
    property: 'P4',
    scenario: 'interval',
    rules: {
      settle: (r, c, s) => {
        const n = rules.settle(r, c, s);
        return s.kind === 'keep' && n !== r ? { ...n, tok: c.tok } : n;
      },
    },
  },
  {
    name: 'force keeps the token',
    property: 'P4',
    scenario: 'interval',
    cfg: { ops: ['force'] },
    rules: {
      schedule: (r, spec, now, f, s) =>
        patch(rules.schedule(r, spec, now, f, s), f && r ? { tok: r.tok } : {}),
    },
  },
  {
    name: 'settle is an upsert',
    property: 'P6',
    scenario: 'interval',
    cfg: { ops: ['unschedule'] },
    rules: {
      settle: (r, c, s) =>
        r === null && s.kind === 'done'
          ? {
              spec: { sched: 'A', args: 0 },
              at: s.next,
              due: s.next,
              until: null,
              tok: null,
              att: 0,
              hold: null,
              trig: 0,
            }
          : rules.settle(r, c, s),
    },
  },
  // heartbeats
  {
    name: 'a late heartbeat takes the lease back',
    property: 'P3',
    scenario: 'interval',
    cfg: { lease: 3, beats: 2, horizon: 9, clients: 0 },
    rules: {
      heartbeat: (r, c, until) =>
        r === null || r.tok !== c.tok
          ? r
          : { ...r, until, due: r.due !== null && r.att === c.att ? until : r.due },
    },
  },
  {
    name: 'a heartbeat moves due_at of a paused row (GREATEST ignores NULL)',
    property: 'P8',
    scenario: 'interval',
    cfg: { ops: ['pause'] },
    rules: {
      heartbeat: (r, c, until) => {
        const n = rules.heartbeat(r, c, until);
        return n === r ? r : { ...n, due: n.until };
      },
    },
  },
  {
    name: 'a heartbeat moves due_at after an update',
    property: 'P11',
    scenario: 'interval',
    cfg: { ops: ['change'] },
    rules: {
      heartbeat: (r, c, until) => {
        const n = rules.heartbeat(r, c, until);
        return n === r || n.due === null ? n : { ...n, due: Math.max(n.due, n.until) };
      },
    },
  },
  // updates while executing
  {
    name: 'an update clears the lease',
    property: 'P3',
    scenario: 'interval',
    cfg: { schedules: { A: { every: 3 }, B: { every: 1 } }, lease: 3, ops: ['change'] },
    rules: {
      schedule: (r, spec, now, f, s) =>
        patch(rules.schedule(r, spec, now, f, s), changed(r, spec) ? { tok: null, until: null } : {}),
    },
  },
  {
    name: 'an update while executing is refused',
    property: 'P5',
    scenario: 'interval',
    cfg: { ops: ['args'] },
    rules: {
      schedule: (r, spec, now, f, s) =>
        r && !f && r.tok !== null && r.until > now ? r : rules.schedule(r, spec, now, f, s),
    },
  },
  {
    name: 'settle asks the token only',
    property: 'P5',
    scenario: 'interval',
    cfg: { ops: ['change'] },
    rules: { settle: (r, c, s) => (r && r.tok === c.tok ? rules.settle({ ...r, att: c.att }, c, s) : r) },
  },
  {
    name: 'a finished once-off is deleted by token only',
    property: 'P1',
    scenario: 'once-off',
    cfg: { ops: ['change'] },
    rules: {
      settle: (r, c, s) =>
        r && r.tok === c.tok && s.kind === 'done' && s.next === null && !r.trig
          ? null
          : rules.settle(r, c, s),
    },
  },
  {
    name: 'repeating a schedule computes it anew',
    property: 'P7',
    scenario: 'interval',
    cfg: { ops: ['same'] },
    rules: {
      schedule: (r, spec, now, f, s) =>
        r && !f
          ? { ...r, spec, at: place(s, now), due: r.hold ? null : place(s, now) }
          : rules.schedule(r, spec, now, f, s),
    },
  },
  {
    name: 'repeating a schedule forgets the back-off',
    property: 'P7',
    scenario: 'retry, then park',
    cfg: { ops: ['same'] },
    rules: {
      schedule: (r, spec, now, f, s) =>
        patch(
          rules.schedule(r, spec, now, f, s),
          r && !f && !changed(r, spec) && !r.hold ? { due: r.at } : {},
        ),
    },
  },
  {
    name: 'an update waits for the lease that a failure has kept',
    property: 'P11',
    scenario: 'interval',
    cfg: { lease: 3, ops: ['change'] },
    rules: {
      schedule: (r, spec, now, f, s) =>
        patch(rules.schedule(r, spec, now, f, s), r && !f ? { until: r.until } : {}),
    },
  },
  // pause, resume, trigger
  {
    name: 'settle forgets that the row was paused',
    property: 'P8',
    scenario: 'interval',
    cfg: { ops: ['pause'] },
    rules: {
      settle: (r, c, s) => {
        const n = rules.settle(r, c, s);
        return n && n !== r && n.hold === 'paused' ? { ...n, due: n.at } : n;
      },
    },
  },
  {
    name: 'pause takes the lease away',
    property: 'P3',
    scenario: 'interval',
    cfg: { ops: ['pause', 'resume'] },
    rules: { pause: (r) => patch(rules.pause(r), { until: null }) },
  },
  {
    name: 'resume looks at scheduled_at only',
    property: 'P11',
    scenario: 'interval',
    cfg: { ops: ['pause', 'resume', 'trigger'] },
    rules: {
      resume: (r, f, now, s) => {
        const n = rules.resume(r, f, now, s);
        return n === r ? r : { ...n, due: n.at };
      },
    },
  },
  {
    name: 'resume does not give new attempts',
    property: 'P10',
    scenario: 'retry, then park',
    cfg: { ops: ['resume'] },
    rules: {
      resume: (r, f, now, s) => {
        const n = rules.resume(r, f, now, s);
        return n === r ? r : { ...n, att: r.att };
      },
    },
  },
  {
    name: 'resume from now moves what is in flight',
    property: 'P1',
    scenario: 'interval',
    cfg: { ops: ['pause', 'resumeNow'] },
    rules: {
      resume: (r, f, now, s) => r && { ...rules.resume({ ...r, until: now }, f, now, s), until: r.until },
    },
  },
  {
    name: 'trigger moves due_at, without a mark',
    property: 'P8',
    scenario: 'interval',
    cfg: { ops: ['trigger'] },
    rules: { trigger: (r, now) => patch(r, { due: r?.hold ? null : now }) },
  },
  {
    name: 'one trigger bit, cleared when a triggered run ends',
    property: 'P8',
    scenario: 'interval',
    cfg: { ops: ['trigger'] },
    rules: {
      settle: (r, c, s) => {
        const n = rules.settle(r, c, s);
        return n && n !== r && s.kind === 'done' ? { ...n, trig: 0, due: n.hold ? null : n.at } : n;
      },
    },
  },
  {
    name: 'a finished once-off takes a waiting trigger along',
    property: 'P1',
    scenario: 'once-off',
    cfg: { ops: ['trigger'] },
    rules: {
      settle: (r, c, s) => {
        const n = rules.settle(r, c, s);
        return n && n.at === null && s.kind === 'done' ? null : n;
      },
    },
  },
  {
    name: 'attempt is raised before the trigger bits are read (MySQL: SET runs left to right)',
    property: 'P8',
    scenario: 'interval',
    cfg: { ops: ['trigger'] },
    rules: { claim: (r, now, tok, d) => ({ ...r, until: now + d, tok, att: r.att + 1 }) },
  },
  // attempts
  {
    name: 'attempts are counted when they fail',
    property: 'P10',
    scenario: 'retry, then park',
    rules: { claim: (r, now, tok, d) => ({ ...rules.claim(r, now, tok, d), att: r.att }) },
  },
  {
    name: 'crashed attempts are not looked at before the start',
    property: 'P10',
    scenario: 'retry, then park',
    cfg: { faults: 2, clients: 0 },
    rules: { exhausted: () => false },
  },
  {
    name: 'giving back what was not started costs an attempt',
    property: 'P10',
    scenario: 'retry, then park',
    cfg: { backs: 1 },
    rules: {
      settle: (r, c, s) => {
        const n = rules.settle(r, c, s);
        return s.kind === 'back' && n !== r && r.att === c.att ? { ...n, att: r.att, trig: r.trig } : n;
      },
    },
  },
  {
    name: 'what is claimed is started whenever',
    property: 'P5',
    scenario: 'interval',
    rules: { mayStart: () => true },
  },
  // time and missed
  {
    name: 'next is counted from now',
    property: 'P1',
    scenario: 'interval',
    rules: { next: (s, at, now) => now + s.every },
  },
  {
    name: 'one due at the moment of settlement is dropped',
    property: 'P1',
    scenario: 'interval',
    rules: {
      next: (s, at, now) => {
        do at += s.every;
        while (at <= now);
        return at;
      },
    },
  },
  {
    name: 'skip drops what a crash interrupted',
    property: 'P1',
    scenario: 'skip',
    rules: { skips: () => true },
  },
  {
    name: 'skip runs the latest without writing it down',
    property: 'P1',
    scenario: 'skip',
    rules: { reseat: (r, c) => (r && r.tok === c.tok ? { ...r } : r) },
  },
  // at most once
  {
    name: 'at most once starts, then commits',
    property: 'P2',
    scenario: 'at most once, two steps',
    rules: { commitsFirst: false },
  },
];
