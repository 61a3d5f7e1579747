// The row of one instance and everything that may happen to it: pure functions from row to row.
//
//   null ──schedule──► WAITING ──claim──► LEASED ──settle: done──► WAITING at the next occurrence, or null (once-off)
//                        ▲ ▲               │  │
//                        │ │ lease expires │  ├──settle: retry / keep / back──► WAITING for the same occurrence
//                        │ └───────────────┘  └──settle: park──► PARKED
//                        └──resume── PAUSED / PARKED (due = null: no claim finds them) ◄──pause── any, LEASED too
//   schedule(force) resets any of them, unschedule deletes any of them: the token on the row is gone, its holder is fenced off.
//
// row = { spec: { sched, args }, at, due, until, tok, att, hold, trig }
//   at     scheduled_at: the occurrence that is next or in flight; null: none left (a finished once-off with a trigger to serve)
//   due    due_at, the one indexed moment: when a poll should look at the row; null while held
//   until  locked_until    tok  lease_token, fresh for every acquisition; null: nobody is executing
//   att    leases spent on what is in flight or being retried (0: nothing was begun)
//   hold   null | 'paused' | 'parked'
//   trig   bits: QUEUED a triggered run is asked for, CURRENT what was begun is a triggered run

export const QUEUED = 1,
  CURRENT = 2;

export const place = (s, now) => (s.every ? now + s.every : s.once); // first occurrence of a schedule that is given now

/** `missed: 'skip'`: of the occurrences from `at` on that have passed, the latest if it is not too late, else the next one. */
export function latest(s, at, now, late) {
  while (at + s.every <= now) at += s.every;
  return at > now || now - at <= late ? at : at + s.every;
}

export const rules = {
  claimable: (r, now) => r !== null && r.due !== null && r.due <= now && (r.until === null || r.until <= now),

  claim: (r, now, tok, lease) => ({
    ...r,
    until: now + lease,
    tok,
    trig: r.att === 0 && r.trig & QUEUED ? CURRENT : r.trig,
    att: r.att + 1,
  }),

  heartbeat(r, c, until) {
    // until: moment of sending + lease
    if (r === null || r.tok !== c.tok) return r; // lost
    until = Math.max(r.until, until); // an old one that arrives late takes nothing back
    return { ...r, until, due: r.due !== null && r.att === c.att ? until : r.due };
  },

  /** Only before the handler starts, `missed: 'skip'`: what will run is written down, so that a retry runs the same. */
  reseat: (r, c, at) => (r === null || r.tok !== c.tok || r.att !== c.att ? r : { ...r, at }),

  settle(r, c, s) {
    if (r === null || r.tok !== c.tok) return r; // lost: nothing
    const free = { ...r, until: null, tok: null };
    if (r.att !== c.att) return free; // superseded: only the lease ends; place and due were written by the update
    const due = (moment) => (r.hold ? null : moment);
    switch (s.kind) {
      case 'done': {
        const at = r.trig & CURRENT ? r.at : s.next,
          trig = r.trig & QUEUED;
        return at === null && !trig ? null : { ...free, at, att: 0, trig, due: due(trig ? s.now : at) };
      }
      case 'retry':
        return { ...free, due: due(s.due) };
      case 'keep':
        return { ...r, tok: null, due: due(r.until) }; // locked as before, but by nobody
      case 'park':
        return { ...free, hold: 'parked', due: null, trig: r.trig ? QUEUED : 0 };
      case 'back':
        return { ...free, att: r.att - 1, trig: r.att === 1 && r.trig & CURRENT ? QUEUED : r.trig };
    }
  },

  schedule(r, spec, now, force, s) {
    const at = place(s, now);
    if (r === null || force)
      return { spec, at, due: at, until: null, tok: null, att: 0, hold: null, trig: 0 };
    if (r.spec.sched === spec.sched && r.at !== null) return { ...r, spec };
    if (r.trig & CURRENT) return { ...r, spec, at }; // a triggered run is no business of the schedule
    return {
      ...r,
      spec,
      at,
      att: 0,
      due: r.hold ? null : r.trig & QUEUED ? now : at,
      until: r.tok === null ? null : r.until,
    };
  },

  unschedule: () => null,

  pause: (r) => r && { ...r, hold: r.hold ?? 'paused', due: null },

  resume(r, from, now, s) {
    if (r === null || r.hold === null) return r;
    const n = { ...r, hold: null, att: r.hold === 'parked' ? 0 : r.att };
    const executing = r.tok !== null && r.until > now;
    if (from === 'now' && s.every && !executing) {
      n.at = now + s.every;
      if (!(n.trig & CURRENT)) n.att = 0;
    }
    n.due = n.att > 0 || n.trig & QUEUED ? now : n.at;
    return n;
  },

  trigger: (r, now) =>
    r && { ...r, trig: r.trig | QUEUED, due: r.hold ? null : now, until: r.tok === null ? null : r.until },

  // what a worker does with the row's answers
  token: (acquisition) => acquisition,
  mayStart: (c, now) => now < c.until, // checked in the same breath as the start
  exhausted: (c, max) => c.att > max, // crashes spent the attempts: settle, do not start
  next(s, at, now, missed, late) {
    if (!s.every) return null;
    if (missed === 'skip') return latest(s, at + s.every, now, late);
    at += s.every;
    if (missed === 'once') while (at < now) at += s.every;
    return at;
  },
  skips: (c) => c.att === 1, // one that was begun is never skipped
  instead: (c, s, now, late) => (s.every ? latest(s, c.at, now, late) : c.at),
  commitsFirst: true, // at-most-once: no answer, no start
};
