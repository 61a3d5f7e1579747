// One row, a few executions ("slots": of one worker process or of several), clients, a clock; every statement atomic.
// Nothing forces a slot to move, so slow and paused workers need no action of their own. A fault is a crash, a lost answer
// (applied, but the worker believes it failed) or a late statement (given up by the worker, applied at any later time or never).
// `g` is what the contract says, told by ghost events only; it never reads the row. Properties compare the two.
import { QUEUED, CURRENT, place } from './rules.mjs';

export class Violation extends Error {
  constructor(property, message) {
    super(`${property}: ${message}`);
    this.property = property;
  }
}
const must = (ok, property, message) => {
  if (!ok) throw new Violation(property, message);
};

const fresh = (spec, next) => ({
  ...spec,
  next,
  hold: null,
  q: false,
  c: false,
  leases: 0,
  starts: 0,
  holder: null,
  sup: false,
  last: -1,
  started: 0,
  retryAt: -1,
});

export function createModel(cfg, rules) {
  const sched = (name) => cfg.schedules[name];
  const alo = cfg.mode === 'at-least-once';

  function initial() {
    const spec = { sched: 'A', args: 0 };
    return {
      now: 0,
      row: rules.schedule(null, spec, 0, false, sched('A')),
      g: fresh(spec, place(sched('A'), 0)),
      slots: Array(cfg.slots).fill(null),
      late: null,
      b: { clients: cfg.clients, faults: cfg.faults, fails: cfg.fails, backs: cfg.backs ?? 0 },
    };
  }

  const clone = (s) => ({
    now: s.now,
    row: s.row,
    g: s.g && { ...s.g },
    slots: s.slots.map((x) => x && { ...x }),
    late: s.late,
    b: { ...s.b },
  });

  function freeAcquisition(n) {
    const used = new Set([n.row?.tok, n.g?.holder, n.late?.acq, ...n.slots.map((x) => x?.acq)]);
    for (let i = 1; ; i++) if (!used.has(i)) return i;
  }

  // ---- statements, with their ghost events ----

  function claim(n, i) {
    const acq = freeAcquisition(n),
      g = n.g,
      tok = rules.token(acq, i, n.row);
    must(g !== null, 'P6', 'an unscheduled instance was claimed');
    must(g.hold === null, g.hold === 'parked' ? 'P10' : 'P8', `claimed although ${g.hold}`);
    for (const o of n.slots)
      if (o?.cur && alo && (o.pc === 'claimed' || o.pc === 'running'))
        must(o.until <= n.now, 'P3', 'claimed while another execution holds a live lease');
    n.row = rules.claim(n.row, n.now, tok, cfg.lease);
    if (g.leases === 0 && g.q) {
      g.c = true;
      g.q = false;
    }
    g.leases++;
    g.holder = acq;
    g.sup = false;
    g.retryAt = -1;
    must(g.c || g.next <= n.now, 'P8', `occurrence ${g.next} claimed early, at ${n.now}`);
    const { row } = n;
    return {
      pc: rules.readsLater ? 'reading' : 'claimed',
      acq,
      tok,
      at: row.at,
      att: row.att,
      trig: (row.trig & CURRENT) !== 0,
      sched: row.spec.sched,
      until: row.until,
      cur: true,
      gen: true,
      beats: 0,
      out: '',
    };
  }

  function heartbeat(n, c, until) {
    const before = n.row,
      valid = n.g !== null && c.acq === n.g.holder;
    n.row = rules.heartbeat(n.row, c, until);
    if (!valid) must(same(before, n.row), 'P4', 'a heartbeat without the lease changed the row');
    return n.row !== before;
  }

  function settlement(n, c) {
    const done = {
      kind: 'done',
      now: n.now,
      next: rules.next(sched(c.sched), c.at, n.now, cfg.missed, cfg.maxLateness),
    };
    const exhausted = () => (cfg.exhausted === 'park' ? { kind: 'park' } : done);
    if (c.out === 'ok') return done;
    if (c.out === 'back') return { kind: 'back' };
    if (c.out === 'exhausted') return exhausted();
    switch (cfg.failure) {
      case 'COMMIT':
        return done;
      case 'UNLOCK':
        return { kind: 'retry', due: n.now };
      case 'retry':
        return c.att >= cfg.maxAttempts ? exhausted() : { kind: 'retry', due: n.now + cfg.delay };
      default:
        return { kind: 'keep' };
    }
  }

  function settle(n, c, st) {
    const before = n.row,
      g = n.g,
      valid = g !== null && c.acq === g.holder;
    n.row = rules.settle(n.row, c, st);
    if (!valid) {
      must(before !== null || n.row === null, 'P6', 'a settlement brought an unscheduled instance back');
      must(
        same(before, n.row),
        'P4/P9',
        'a settlement without the lease, or a repeated one, changed the row',
      );
      return 'lost';
    }
    g.holder = null;
    if (g.sup) return 'superseded';
    switch (st.kind) {
      case 'done':
        if (g.c) g.c = false;
        else {
          lawful(sched(c.sched), c.at, st.next, st.now);
          g.last = c.at;
          g.next = st.next;
        }
        g.leases = g.starts = 0;
        if (g.next === null && !g.q) n.g = null;
        break;
      case 'retry':
        g.retryAt = st.due;
        break;
      case 'keep':
        g.retryAt = before.until;
        break;
      case 'park':
        must(g.leases >= cfg.maxAttempts, 'P10', `parked after ${g.leases} attempts`);
        g.hold = 'parked';
        if (g.c) {
          g.c = false;
          g.q = true;
        }
        break;
      case 'back':
        g.leases--;
        if (g.leases === 0 && g.c) {
          g.c = false;
          g.q = true;
        }
        g.retryAt = n.now;
        break;
    }
    return 'settled';
  }

  /** P1: nothing between an occurrence and the next is dropped but what `missed` says, as of moment t. */
  function lawful(s, at, next, t) {
    if (!s.every) return must(next === null, 'P1', 'a once-off went on');
    must(next > at && (next - at) % s.every === 0, 'P1', `next ${next} is off the grid of ${at}`);
    if (cfg.missed === 'once') must(next >= t, 'P1', `missed occurrence ${next} was not dropped at ${t}`);
    for (let o = at + s.every; o < next; o += s.every)
      must(
        cfg.missed === 'once'
          ? o < t
          : cfg.missed === 'skip'
            ? o <= t && (t - o > cfg.maxLateness || o + s.every <= t)
            : false,
        'P1',
        `occurrence ${o} was lost at ${t}`,
      );
  }

  const neverBegun = ({ g }, c) =>
    g !== null &&
    c.acq === g.holder &&
    !g.sup &&
    must(g.leases === 1, 'P1', `occurrence ${c.at} was begun and is skipped`);

  function start(n, c) {
    const g = n.g;
    if (alo) {
      if (g && c.gen && !c.trig)
        must(c.at > g.last, 'P5', `occurrence ${c.at} starts again after it was settled`);
      if (g && c.acq === g.holder && !g.sup) {
        g.starts++;
        if (cfg.failure === 'retry') must(g.starts <= cfg.maxAttempts, 'P10', `started ${g.starts} times`);
        must(c.trig === g.c, 'P8', 'a triggered run and an occurrence were confused');
        if (!c.trig)
          must(c.at === g.next && c.at <= n.now, 'P1', `runs occurrence ${c.at}, not ${g.next}, at ${n.now}`);
      }
    } else if (g && c.gen && !c.trig) {
      must(!((g.started >> c.at) & 1), 'P2', `occurrence ${c.at} starts twice`);
      g.started |= 1 << c.at;
    }
    c.pc = 'running';
  }

  function client(n, op) {
    const g = n.g,
      before = n.row,
      other = { A: 'B', B: 'A' };
    const revoke = () => {
      for (const o of n.slots) if (o) o.cur = o.gen = false;
    };
    if (op === 'unschedule') {
      n.row = rules.unschedule(n.row, n.now);
      n.g = null;
      revoke();
      return;
    }
    if (op === 'pause') {
      n.row = rules.pause(n.row);
      if (g) g.hold ??= 'paused';
      return;
    }
    if (op === 'trigger') {
      n.row = rules.trigger(n.row, n.now);
      if (g) {
        g.q = true;
        if (g.holder === null) g.retryAt = -1;
      }
      return;
    }
    if (op === 'resume' || op === 'resumeNow') {
      const live = n.row !== null && n.row.tok !== null && n.row.until > n.now;
      n.row = rules.resume(n.row, op === 'resume' ? 'schedule' : 'now', n.now, g && sched(g.sched));
      if (!g?.hold) return;
      if (g.hold === 'parked') g.leases = g.starts = 0;
      g.hold = null;
      if (op === 'resumeNow' && sched(g.sched).every && !live) {
        g.next = n.now + sched(g.sched).every;
        if (!g.c) {
          g.leases = g.starts = 0;
          g.sup = true;
          g.retryAt = -1;
        }
      }
      return;
    }
    const name = op === 'change' ? other[g?.sched ?? 'B'] : (g?.sched ?? 'A');
    const spec = { sched: name, args: op === 'args' ? 1 - (g?.args ?? 0) : (g?.args ?? 0) };
    n.row = rules.schedule(n.row, spec, n.now, op === 'force', sched(name));
    if (g === null || op === 'force') {
      n.g = fresh(spec, place(sched(name), n.now));
      revoke();
      return;
    }
    if (g.sched !== name || g.next === null) {
      g.next = place(sched(name), n.now);
      g.last = -1;
      g.started = 0;
      for (const o of n.slots) if (o && !o.trig) o.gen = false;
      if (!g.c) {
        g.leases = g.starts = 0;
        g.sup = true;
        g.retryAt = -1;
      }
    } else
      must(
        n.row.at === before.at && n.row.due === before.due,
        'P7',
        'repeating an unchanged schedule moved it',
      );
    Object.assign(g, spec);
  }

  const same = (a, b) =>
    a === b ||
    (a !== null &&
      b !== null &&
      a.spec.sched === b.spec.sched &&
      a.spec.args === b.spec.args &&
      ['at', 'due', 'until', 'tok', 'att', 'hold', 'trig'].every((k) => a[k] === b[k]));

  /** The refinement: the row says what the contract says. */
  function invariant({ row, g }) {
    if (g === null) return must(row === null, 'P6', 'an instance that is gone has a row');
    must(row !== null, 'P1', 'the row of a live instance is gone');
    must(row.spec.sched === g.sched && row.spec.args === g.args, 'P5', 'an update was lost');
    must(row.at === g.next, 'P1/P5', `scheduled_at is ${row.at}, should be ${g.next}`);
    must(row.hold === g.hold, 'P8', `hold is ${row.hold}, should be ${g.hold}`);
    must(
      (row.due === null) === (g.hold !== null),
      'P8/P11',
      `due_at is ${row.due} while ${g.hold ?? 'not held'}`,
    );
    must(row.att === g.leases, 'P10', `attempt is ${row.att}, should be ${g.leases}`);
    must(
      ((row.trig & QUEUED) !== 0) === g.q && ((row.trig & CURRENT) !== 0) === g.c,
      'P8',
      `trigger bits ${row.trig}, should be queued ${g.q} current ${g.c}`,
    );
  }

  // ---- what may happen next ----

  function actions(s) {
    const list = [],
      add = (label, run) => list.push([label, run]),
      fault = s.b.faults > 0;
    if (s.now < cfg.horizon)
      add('tick', (n) => {
        n.now++;
      });
    if (s.b.clients > 0)
      for (const op of cfg.ops)
        add(`client ${op}`, (n) => {
          n.b.clients--;
          client(n, op);
        });
    if (s.late)
      add(`late ${s.late.op} arrives`, (n) => {
        const m = n.late;
        n.late = null;
        if (m.op === 'claim') {
          if (rules.claimable(n.row, n.now)) claim(n, 0);
        } else if (m.op === 'heartbeat') heartbeat(n, m, m.until);
        else if (settle(n, m, m.st) !== 'lost')
          for (const x of n.slots) if (x?.acq === m.acq) x.applied = true;
      });
    s.slots.forEach((c, i) => {
      if (c === null) {
        if (rules.claimable(s.row, s.now)) {
          add(`${i} claims`, (n) => {
            n.slots[i] = claim(n, i);
            if (cfg.mode === 'at-most-once') commitFirst(n, i);
          });
          if (fault)
            add(`${i} claims, answer lost`, (n) => {
              n.b.faults--;
              const x = claim(n, i);
              if (cfg.mode === 'at-most-once') settle(n, x, settlement(n, { ...x, out: 'ok' }));
            });
        }
        if (fault && !s.late && cfg.mode !== 'at-most-once' && s.row)
          add(`${i} sends a claim that is late`, (n) => {
            n.b.faults--;
            n.late = { op: 'claim' };
          });
        return;
      }
      if (fault)
        add(`${i} crashes`, (n) => {
          n.b.faults--;
          n.slots[i] = null;
        });
      const statement = (label, run, late) => {
        add(`${i} ${label}`, (n) => run(n, n.slots[i], true));
        if (fault)
          add(`${i} ${label}, answer lost`, (n) => {
            n.b.faults--;
            run(n, n.slots[i], false);
          });
        if (fault && late && !s.late)
          add(`${i} ${label}, late`, (n) => {
            n.b.faults--;
            late(n, n.slots[i]);
          });
      };
      switch (c.pc) {
        case 'claimed': {
          if (cfg.mode === 'at-most-once in steps') {
            if (rules.commitsFirst) settles('commits first', 'ok');
            else add(`${i} starts`, (n) => start(n, n.slots[i]));
            return;
          }
          if (cfg.failure === 'retry' && rules.exhausted(c, cfg.maxAttempts)) {
            add(`${i} finds it exhausted`, (n) => {
              n.slots[i].pc = 'ended';
              n.slots[i].out = 'exhausted';
            });
            return;
          }
          const at =
            cfg.missed === 'skip' && !c.trig && rules.skips(c)
              ? rules.instead(c, sched(c.sched), s.now, cfg.maxLateness)
              : c.at;
          if (!c.trig && at > s.now)
            add(`${i} skips to ${at}`, (n) => {
              const x = n.slots[i];
              neverBegun(n, x);
              settle(n, x, { kind: 'done', now: n.now, next: at });
              n.slots[i] = null;
            });
          else if (at !== c.at)
            add(`${i} takes ${at} instead`, (n) => {
              const x = n.slots[i],
                before = n.row;
              neverBegun(n, x);
              n.row = rules.reseat(n.row, x, at);
              if (n.g && x.acq === n.g.holder && !n.g.sup) {
                lawful(sched(x.sched), x.at, at, n.now);
                n.g.next = at;
              } else must(same(before, n.row), 'P4', 'a reseat without the lease changed the row');
              if (n.row === before) n.slots[i] = null;
              else x.at = at;
            });
          else if (rules.mayStart(c, s.now)) add(`${i} starts`, (n) => start(n, n.slots[i]));
          else
            add(`${i} drops it, lease over`, (n) => {
              n.slots[i] = null;
            });
          if (s.b.backs > 0)
            settles('gives it back', 'back', (n) => {
              n.b.backs--;
            });
          return;
        }
        case 'reading':
          add(`${i} reads what it claimed`, (n) => {
            // naive only: a second statement, outside the claim's transaction
            const { row } = n;
            n.slots[i] =
              row?.tok === c.tok
                ? {
                    ...c,
                    pc: 'claimed',
                    at: row.at,
                    att: row.att,
                    sched: row.spec.sched,
                    trig: (row.trig & CURRENT) !== 0,
                  }
                : null;
          });
          return;
        case 'committed':
          add(`${i} starts`, (n) => start(n, n.slots[i]));
          return;
        case 'running':
          if (alo && c.beats < (cfg.beats ?? 1)) {
            const until = s.now + cfg.lease;
            statement(
              'heartbeats',
              (n, x, heard) => {
                const ok = heartbeat(n, x, until);
                x.beats++;
                if (heard && ok) x.until = Math.max(x.until, until);
              },
              (n, x) => {
                x.beats++;
                n.late = { op: 'heartbeat', acq: x.acq, tok: x.tok, att: x.att, until };
              },
            );
          }
          if (!alo) {
            add(`${i} ends`, (n) => {
              n.slots[i] = rules.commitsFirst ? null : { ...n.slots[i], pc: 'ended', out: 'ok' };
            });
            return;
          }
          add(`${i} succeeds`, (n) => {
            Object.assign(n.slots[i], { pc: 'ended', out: 'ok' });
          });
          if (s.b.fails > 0)
            add(`${i} fails`, (n) => {
              n.b.fails--;
              Object.assign(n.slots[i], { pc: 'ended', out: 'fail' });
            });
          return;
        case 'ended':
          settles('settles', c.out);
          return;
        case 'unsure': {
          // promise 7: asked again while the lease is trusted
          if (s.now < c.until)
            add(`${i} settles again`, (n) => {
              const x = n.slots[i],
                ghost = n.g !== null && x.acq === n.g.holder,
                answer = settle(n, x, settlement(n, x));
              must(
                answer !== 'lost' || x.applied || !x.cur || ghost,
                'P9',
                'a repeated settlement was refused while its lease was live and the first one not applied',
              );
              n.slots[i] = alo || answer !== 'settled' ? null : { ...x, pc: 'committed' };
            });
          add(`${i} gives up`, (n) => {
            n.slots[i] = null;
          });
        }
      }
      function settles(label, out, also = () => {}) {
        statement(
          label,
          (n, x, heard) => {
            also(n);
            x.out = out;
            const answer = settle(n, x, settlement(n, x));
            if (heard)
              n.slots[i] =
                !alo && x.pc === 'claimed' && answer === 'settled' ? { ...x, pc: 'committed' } : null;
            else Object.assign(x, { pc: 'unsure', applied: true });
          },
          (n, x) => {
            also(n);
            x.out = out;
            n.late = {
              op: 'settle',
              acq: x.acq,
              tok: x.tok,
              att: x.att,
              at: x.at,
              sched: x.sched,
              st: settlement(n, x),
            };
            Object.assign(x, { pc: 'unsure', applied: false });
          },
        );
      }
    });
    return list;
  }

  function commitFirst(n, i) {
    // at-most-once in one transaction with the claim
    const x = n.slots[i];
    x.out = 'ok';
    settle(n, x, settlement(n, x));
    x.pc = 'committed';
  }

  // ---- P1, P8, P11: from every state, once faults and calls end, what is owed runs, and not later than it must ----

  function recover(s, everybodyDies) {
    const n = clone(s);
    n.late = null;
    n.slots.forEach((c, i) => {
      if (c === null || everybodyDies || c.pc === 'reading') {
        n.slots[i] = null;
        return;
      }
      if (
        c.pc === 'claimed' &&
        alo &&
        !(cfg.failure === 'retry' && rules.exhausted(c, cfg.maxAttempts)) &&
        !rules.mayStart(c, n.now)
      ) {
        n.slots[i] = null;
        return;
      }
      finish(n, i);
    });
    if (n.g?.hold) client(n, 'resume');
    invariant(n);
    if (n.g === null) return;
    const target = n.g.next,
      early = Math.max(n.now, n.row.tok === null ? 0 : n.row.until, n.g.retryAt),
      late = Math.max(early, target ?? 0);
    for (let turns = 0; ; turns++) {
      if (n.g === null || (!n.g.q && !n.g.c && target !== null && n.g.next !== null && n.g.next > target))
        return;
      if (rules.claimable(n.row, n.now) && turns < 40) {
        n.slots[0] = claim(n, 0);
        if (cfg.mode === 'at-most-once') commitFirst(n, 0);
        finish(n, 0);
        invariant(n);
        if (n.g?.hold) {
          client(n, 'resume');
          invariant(n);
        }
      } else {
        const by = n.g.q || n.g.c ? early : late;
        must(
          n.now < by && turns < 40,
          'P11',
          `nothing runs by ${by}: the row is ${JSON.stringify(n.row)} at ${n.now}`,
        );
        n.now++;
      }
    }
  }

  function finish(n, i) {
    // one slot to its end, without a fault
    while (n.slots[i] !== null) {
      const step = actions({
        ...n,
        slots: n.slots.map((x, j) => (j === i ? x : null)),
        row: n.row,
        b: { clients: 0, faults: 0, fails: 0, backs: 0 },
        now: n.now,
      }).find(
        ([label]) => label.startsWith(`${i} `) && !label.endsWith('heartbeats') && !label.endsWith(' claims'),
      );
      step[1](n);
    }
  }

  // ---- canonical form: slots sorted, acquisitions renamed in order of appearance ----

  const num = (x) => String.fromCharCode(x === null || x === undefined ? 34 : x === -1 ? 35 : 36 + x);
  const bit = (...xs) => String.fromCharCode(40 + xs.reduce((v, x) => v * 2 + (x ? 1 : 0), 0));
  const word = (w) => (w ?? '-') + ';';
  function key(s) {
    const names = [],
      name = (t) => {
        if (t === null || t === undefined) return '.';
        let i = names.indexOf(t);
        if (i < 0) i = names.push(t) - 1;
        return String.fromCharCode(65 + i);
      };
    const { row: r, g, b, late: m } = s;
    let k = num(s.now) + bit(0) + num(b.clients) + num(b.faults) + num(b.fails) + num(b.backs);
    k +=
      r === null
        ? '!'
        : r.spec.sched +
          num(r.spec.args) +
          num(r.at) +
          num(r.due) +
          num(r.until) +
          num(r.att) +
          num(r.trig) +
          (r.hold ? r.hold[2] : '.') +
          name(r.tok);
    k +=
      g === null
        ? '!'
        : g.sched +
          num(g.args) +
          num(g.next) +
          (g.hold ? g.hold[2] : '.') +
          bit(g.q, g.c, g.sup) +
          num(g.leases) +
          num(g.starts) +
          num(g.last) +
          num(g.started) +
          num(g.retryAt) +
          name(g.holder);
    const slots = s.slots.map((c) => [
      c === null
        ? '!'
        : word(c.pc) +
          word(c.out) +
          num(c.at) +
          num(c.att) +
          c.sched +
          num(c.until) +
          bit(c.trig, c.cur, c.gen, c.applied) +
          num(c.beats),
      c,
    ]);
    if (rules.symmetric !== false) slots.sort((x, y) => (x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : 0));
    for (const [text, c] of slots)
      k += text + (c === null ? '' : name(c.acq) + (rules.symmetric === false ? num(c.tok) : ''));
    if (m)
      k +=
        word(m.op) +
        (m.op === 'claim'
          ? ''
          : name(m.acq) +
            (rules.symmetric === false ? num(m.tok) : '') +
            num(m.att) +
            num(m.until) +
            num(m.at) +
            word(m.sched) +
            word(m.st?.kind) +
            num(m.st?.next) +
            num(m.st?.due) +
            num(m.st?.now));
    return k;
  }

  const rowKey = (s) =>
    key({ ...s, slots: [], late: null, b: { clients: 0, faults: 0, fails: 0, backs: 0 } });

  return { initial, clone, actions, invariant, recover, key, rowKey };
}
