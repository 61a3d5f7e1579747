import assert from 'node:assert/strict';
import type { LeaseProof, Settlement, TaskRepository } from '../../core/task-repository.js';
import type { TaskRow } from '../../core/task-row.js';
import * as transitions from '../../core/task-transitions.js';
import type { Random } from './random.js';
import { KEYS, NAMES, RowsUnderWatch, randomRegistration, randomSettlement } from './rows-under-watch.js';
import { LEASE_MS, type Store, claimFrom, proofOf } from './store.js';

/** Random calls on two handles of one store; what each leaves of every row is what the transitions leave of it. */
export class RandomWalk {
  private readonly rows: RowsUnderWatch;
  /** All leases ever taken, most of them over. */
  private readonly proofs: LeaseProof[] = [];
  private isTemplatePaused = false;

  constructor(
    private readonly store: Store,
    private readonly handles: readonly TaskRepository[],
    private readonly random: Random,
  ) {
    this.rows = new RowsUnderWatch(() => this.handle);
  }

  async step(): Promise<void> {
    const { random } = this;
    const kinds = [
      () => this.register(),
      () => this.register(),
      () => this.claim(),
      () => this.claim(),
      () => this.claim(),
      () => this.settle(),
      () => this.renew(),
      () => this.reseat(),
      () => this.pauseOrResume(),
      () => this.pauseOrResume(),
      () => this.trigger(),
      () => this.trigger(),
      () => (random.oneIn(2) ? this.unregister() : this.pauseTemplate()),
    ];
    if (random.oneIn(2))
      await this.store.clock.advance(random.pick([0, 1, 500, 1_000, 5_000, LEASE_MS - 1, LEASE_MS]));
    await random.pick(kinds)();
  }

  private async register(): Promise<void> {
    const { random, now } = this;
    const registrations = random.some(NAMES).map((name) => randomRegistration(random, name));
    const answers = await this.handle.register(registrations);
    const expected = this.rows.applied(registrations, (row, given) => transitions.schedule(row, given, now));
    assert.deepEqual(answers, [...expected.values()], this.rows.about('register answers'));
    await this.rows.compare('register', expected);
  }

  private async unregister(): Promise<void> {
    const keys = this.random.some(KEYS);
    const existed = keys.map(({ instance }) => this.rows.before(instance) !== null);
    assert.deepEqual(await this.handle.unregister(keys), existed, this.rows.about('unregister answers'));
    await this.rows.compare('unregister', new Map(keys.map(({ instance }) => [instance, null])));
  }

  private async claim(): Promise<void> {
    const { now } = this;
    const isAtMostOnce = this.random.oneIn(4);
    const settlement: Settlement = { kind: 'done', next: now + 3_000, jitterMs: 0, error: null };
    const wanted = { task: 'task', ...(isAtMostOnce ? { settleAtClaim: () => settlement } : {}) };
    const limit = this.random.pick([1, 2, 100]);
    const result = await claimFrom(this.handle, [wanted], limit);
    const claimable = this.rows.all.filter((row) => row !== null && transitions.isClaimable(row, now));
    const most = this.isTemplatePaused ? 0 : Math.min(limit, claimable.length);
    assert.equal(result.claimed.length, most, this.rows.about('claim takes as many as it may'));
    const expected = new Map<string, TaskRow | null>();
    for (const { row, isSettled } of result.claimed) {
      const before = this.rows.before(row.instance);
      assert.ok(
        before !== null && transitions.isClaimable(before, now),
        this.rows.about('claims what it may'),
      );
      const { leaseToken, lockedBy } = row;
      assert.ok(leaseToken !== null && lockedBy !== null);
      assert.deepEqual(
        row,
        transitions.claim(before, now, LEASE_MS, leaseToken, lockedBy),
        this.rows.about('claim answers'),
      );
      expected.set(
        row.instance,
        isSettled ? transitions.settle(row, proofOf(row), settlement, now).row : row,
      );
      if (!isSettled) this.proofs.push(proofOf(row));
    }
    await this.rows.compare('claim', expected);
  }

  private async settle(): Promise<void> {
    const { now, random } = this;
    const requests = this.someProofs().map((proof) => ({
      ...proof,
      settlement: randomSettlement(random, now),
    }));
    if (requests.length === 0) return;
    const answers = await this.handle.settle(requests);
    const expected = requests.map((request) =>
      transitions.settle(this.rows.before(request.instance), request, request.settlement, now),
    );
    assert.deepEqual(
      answers,
      expected.map(({ answer }) => answer),
      this.rows.about('settle answers'),
    );
    await this.rows.compare(
      'settle',
      new Map(requests.map(({ instance }, index) => [instance, expected[index]?.row ?? null])),
    );
    if (random.oneIn(9)) this.proofs.length = 0;
  }

  private async renew(): Promise<void> {
    const requests = this.someProofs().map((proof) => ({ ...proof, until: this.now + LEASE_MS }));
    if (requests.length === 0) return;
    await this.handle.renew(requests);
    await this.rows.compare(
      'renew',
      this.rows.applied(requests, (row, given) => row && transitions.renew(row, given, given.until)),
    );
  }

  private async reseat(): Promise<void> {
    const requests = this.someProofs().map((proof) => ({ ...proof, scheduledAt: this.now - 1 }));
    if (requests.length === 0) return;
    const answers = await this.handle.reseat(requests);
    const expected = this.rows.applied(
      requests,
      (row, given) => row && transitions.reseat(row, given, given.scheduledAt),
    );
    const isOurs = requests.map(({ instance, leaseToken, attempt }) => {
      const row = this.rows.before(instance);
      return row?.leaseToken === leaseToken && row.attempt === attempt;
    });
    assert.deepEqual(answers, isOurs, this.rows.about('reseat answers'));
    await this.rows.compare('reseat', expected);
  }

  private async pauseOrResume(): Promise<void> {
    const { now, random } = this;
    const keys = random.some(KEYS);
    if (random.oneIn(2)) {
      await this.handle.pause(keys);
      return this.rows.compare(
        'pause',
        this.rows.applied(keys, (row) => row && transitions.pause(row)),
      );
    }
    const from = random.pick(['schedule', 'now'] as const);
    const place = random.pick([null, now + 2_500]);
    const evenIfFree = random.oneIn(4);
    await this.handle.resume(keys.map((one) => ({ ...one, from, evenIfFree, place: () => place })));
    const resumed = (row: TaskRow | null): TaskRow | null => {
      if (row === null) return null;
      const held = evenIfFree && row.hold === null ? transitions.pause(row) : row;
      return transitions.resume(held, from, from === 'now' ? place : null, now);
    };
    await this.rows.compare('resume', this.rows.applied(keys, resumed));
  }

  private async trigger(): Promise<void> {
    const { now } = this;
    const args = this.random.pick([null, '{"t":1}']);
    const origin = this.random.pick([null, 'a span']);
    const requests = this.random.some(KEYS).map((one) => ({ ...one, args, origin }));
    await this.handle.trigger(requests);
    await this.rows.compare(
      'trigger',
      this.rows.applied(requests, (row) => row && transitions.trigger(row, args, now, origin)),
    );
  }

  private async pauseTemplate(): Promise<void> {
    this.isTemplatePaused = !this.isTemplatePaused && this.random.oneIn(3);
    await this.handle.setTemplatePaused('task', this.isTemplatePaused);
    await this.rows.compare('pause template', new Map());
  }

  /** Leases to prove, one for each instance at most: living ones, and such that are long over. */
  private someProofs(): LeaseProof[] {
    const byInstance = new Map<string, LeaseProof>();
    for (const proof of this.proofs) if (!this.random.oneIn(3)) byInstance.set(proof.instance, proof);
    return [...byInstance.values()];
  }

  private get handle(): TaskRepository {
    return this.random.pick(this.handles);
  }

  private get now(): number {
    return this.store.clock.now();
  }
}
