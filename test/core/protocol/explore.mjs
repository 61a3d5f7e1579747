import { createModel, Violation } from './model.mjs';

/** Breadth first, exhaustive; a violation comes back with the shortest way to it. */
export function explore(cfg, ruleSet) {
  const model = createModel(cfg, ruleSet),
    seen = Array.from({ length: 256 }, () => new Set()),
    recovered = new Set(),
    came = [];
  const add = (s, from, action) => {
    const k = model.key(s),
      set =
        seen[
          (k.charCodeAt(0) * 31 +
            k.charCodeAt(k.length - 1) * 7 +
            k.charCodeAt(k.length >> 1) +
            k.length * 13) &
            255
        ];
    if (set.has(k)) return false;
    set.add(k);
    came.push(from * 64 + action);
    s.id = came.length - 1;
    return true;
  };
  const way = (id, last) => {
    const steps = last === undefined ? [] : [last];
    for (; id > 0; id = Math.floor(came[id] / 64)) steps.unshift(came[id] % 64);
    let s = model.initial();
    const text = [];
    for (const a of steps) {
      const [label, run] = model.actions(s)[a];
      text.push(`t=${s.now} ${label}`);
      s = model.clone(s);
      try {
        run(s);
      } catch {
        break;
      }
    }
    return text;
  };
  const broken = (e, trace) => {
    if (!(e instanceof Violation)) throw e;
    return { violation: e.message, property: e.property, way: trace, states: came.length };
  };
  const first = model.initial();
  add(first, 0, 0);
  let level = [first],
    transitions = 0,
    depth = 0;
  for (; level.length > 0; depth++) {
    const next = [];
    for (const s of level) {
      try {
        const k = model.rowKey(s);
        if (!recovered.has(k)) {
          recovered.add(k);
          model.recover(s, true);
        }
        if (s.slots.some((c) => c !== null)) model.recover(s, false);
      } catch (e) {
        return broken(e, [...way(s.id), 'then faults and calls end']);
      }
      const list = model.actions(s);
      for (let a = 0; a < list.length; a++) {
        const n = model.clone(s);
        transitions++;
        try {
          list[a][1](n);
          model.invariant(n);
        } catch (e) {
          return broken(e, way(s.id, a));
        }
        if (add(n, s.id, a)) next.push(n);
      }
    }
    level = next;
  }
  return { states: came.length, transitions, depth };
}
