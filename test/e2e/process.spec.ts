import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Build, Child } from './child.js';

describe('A process of its own', () => {
  let build: Build;
  beforeAll(() => void (build = new Build()), 60_000);
  afterAll(() => build.remove());
  const start = (scenario: string): Child =>
    new Child('./process.mjs', scenario, { PYNCETTE_BUILD: build.url('index.js') });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'PyncetteFactory.run: %s drains and ends with code 0',
    async (signal) => {
      const child = start('standalone');
      await child.says('work begins');
      child.signal(signal);
      await sleep(100);
      child.signal(signal);
      expect(await child.ended).toEqual([0, null]);
      expect(child.output).toMatch(/work begins\n(.*\n)*work ends\n(.*\n)*destroyed\n/);
      expect(child.output).toContain(`${signal}: waiting for what is executing`);
    },
  );

  it('PyncetteFactory.run: a second signal ends it at once, with another code', async () => {
    const child = start('standalone');
    await child.says('work begins');
    child.signal('SIGTERM');
    await sleep(700);
    child.signal('SIGINT');
    expect(await child.ended).toEqual([1, null]);
    expect(child.output).not.toContain('work ends');
  });

  it('PyncetteFactory.run: a start that fails is logged and ends with code 1', async () => {
    const child = start('broken');
    expect(await child.ended).toEqual([1, null]);
    expect(child.output).toMatch(/could not start/);
    expect(child.output).toMatch(/interval: 0 is not a positive, finite duration/);
  });

  it('with HTTP ends by itself when it is closed: no open handle, no forced exit (S5)', async () => {
    const child = start('http');
    expect(await child.ended).toEqual([0, null]);
    expect(child.output).toMatch(
      /answers 404\n(.*\n)*work begins\n(.*\n)*work ends\n(.*\n)*destroyed\n(.*\n)*closed\n/,
    );
  });

  it('with enableShutdownHooks() drains on SIGTERM', async () => {
    const child = start('hooked');
    await child.says('work begins');
    child.signal('SIGTERM');
    const [code, signal] = await child.ended;
    expect([code, signal]).toEqual([null, 'SIGTERM']);
    expect(child.output).toMatch(/work ends\n(.*\n)*destroyed\n/);
    expect(child.output).not.toContain('enableShutdownHooks');
  });

  it('without them is told so at the first tick', async () => {
    const child = start('unhooked');
    await child.ended;
    expect(child.output).toMatch(/WARN.*enableShutdownHooks/);
  });
});
