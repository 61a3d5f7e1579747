import { describe, expect, it } from 'vitest';
import { explore } from './protocol/explore.mjs';
import { rules } from './protocol/real-rules.js';
import { scenarios } from './protocol/scenarios.mjs';

// The whole search: tens of millions of states. One line a scenario, so that one sees it move.

let total = 0;

describe('Every interleaving within the full bounds, over the real transitions', () => {
  it.each(scenarios.map((scenario, index) => [scenario.name, scenario, index + 1] as const))(
    '%s',
    { timeout: 3_600_000 },
    (name, scenario, number) => {
      const { violation, way, states, transitions } = explore(scenario, rules);
      total += states;
      console.log(
        `${number}/${scenarios.length} ${name}: ${states} states, ${transitions} steps; ${total} states so far`,
      );
      expect({ violation, way }).toEqual({ violation: undefined, way: undefined });
    },
  );
});
