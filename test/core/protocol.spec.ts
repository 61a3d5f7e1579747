import { describe, expect, it } from 'vitest';
import { explore } from './protocol/explore.mjs';
import { naive } from './protocol/naive.mjs';
import { rules } from './protocol/real-rules.js';
import { rules as modelRules } from './protocol/rules.mjs';
import { scenarios } from './protocol/scenarios.mjs';

// Small bounds, for every run of the tests. The full ones take minutes: `npm run test:exhaustive`.

describe('Every interleaving of workers, crashes, lost answers and calls, over the real transitions', () => {
  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    '%s',
    { timeout: 60_000 },
    (_name, scenario) => {
      const smaller = {
        ...scenario,
        horizon: Math.min(scenario.horizon, 3),
        clients: 1,
        slots: 2,
        faults: Math.min(scenario.faults, 1),
      };
      const { violation, way, states } = explore(smaller, rules);
      expect({ violation, way }).toEqual({ violation: undefined, way: undefined });
      expect(states).toBeGreaterThan(250);
    },
  );
});

describe('Rules one would write first are caught', () => {
  it.each(naive.map((rule) => [rule.name, rule] as const))('%s', { timeout: 60_000 }, (_name, rule) => {
    const scenario = scenarios.find(({ name }) => name === rule.scenario);
    const { property } = explore({ ...scenario, ...rule.cfg }, { ...modelRules, ...rule.rules });
    expect(property?.split('/')).toContain(rule.property);
  });
});
