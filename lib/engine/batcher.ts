import { stopwatch } from '../core/clock.js';

/** Most requests that go to the store in one call. */
const LARGEST_BATCH = 1_000;

/** Fewer requests than this for each call are not divided among several. */
const WORTH_DIVIDING = 16;

/** A call that takes longer waits for something, and what waits keeps no other connection busy. */
const SLOW_MS = 50;

/** A request, and who is told the answer; what is told must not throw. */
export interface Pending<Request, Answer> {
  readonly request: Request;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

type Batch<Request, Answer> = readonly Pending<Request, Answer>[];

/** A call under way. */
interface Call {
  readonly beganAt: number;
  /** What it is about; null: nothing else is sent meanwhile. */
  readonly keys: ReadonlySet<string> | null;
}

/** How calls may go side by side. */
export interface SideBySide<Request> {
  /** How many at once, as of now. */
  atOnce(): number;
  /** Requests about the same thing are never in two calls at once: each sees what those before it have done. */
  keyOf(request: Request): string;
}

/**
 * Gathers requests into calls that take lists. A lone request is sent at once; those that come while a call is under way, or in
 * the same turn, go together in the next one. A call that fails fails for each of its requests, unless the failure may be that of one
 * of them: then each is sent alone, and fails for itself.
 */
export class Batcher<Request, Answer> {
  private pending: Pending<Request, Answer>[] = [];
  private readonly underWay = new Set<Call>();
  private isGathering = false;

  constructor(
    private readonly send: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    /** Whether a call may have failed because of one of its requests. */
    private readonly isOfOne: (error: unknown) => boolean = () => false,
    /** Default: one call after another. */
    private readonly sideBySide: SideBySide<Request> | null = null,
  ) {}

  submit(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => this.put({ request, resolve, reject }));
  }

  /** The same, but tells rather than promises. */
  put(pending: Pending<Request, Answer>): void {
    this.pending.push(pending);
    if (this.isGathering || !this.hasRoom) return;
    this.isGathering = true;
    queueMicrotask(() => this.gathered());
  }

  private get atOnce(): number {
    return this.sideBySide?.atOnce() ?? 1;
  }

  private get hasRoom(): boolean {
    return this.underWay.size === 0 || this.underWay.size < this.atOnce;
  }

  /** Sends what there is room for. */
  private begin(): void {
    while (this.pending.length > 0 && this.hasRoom) {
      const size = this.sizeOfNext();
      const keys = this.keysOfNext(size);
      if (!this.mayGoBesideOthers(keys)) return;
      void this.run(this.pending.splice(0, size), { beganAt: stopwatch(), keys });
    }
  }

  /** What has come together is divided among the calls that may begin now. */
  private sizeOfNext(): number {
    const calls = this.sideBySide === null ? 1 : this.atOnce - this.underWay.size;
    const { length } = this.pending;
    const share = calls > 1 && length >= calls * WORTH_DIVIDING ? Math.ceil(length / calls) : length;
    return Math.min(share, LARGEST_BATCH);
  }

  private keysOfNext(size: number): ReadonlySet<string> | null {
    if (this.sideBySide === null || this.atOnce === 1) return null;
    const { keyOf } = this.sideBySide;
    return new Set(this.pending.slice(0, size).map(({ request }) => keyOf(request)));
  }

  private mayGoBesideOthers(keys: ReadonlySet<string> | null): boolean {
    const latest = stopwatch() - SLOW_MS;
    for (const call of this.underWay) {
      if (keys === null || call.keys === null || call.beganAt < latest) return false;
      for (const key of keys) if (call.keys.has(key)) return false;
    }
    return true;
  }

  private async run(batch: Batch<Request, Answer>, call: Call): Promise<void> {
    this.underWay.add(call);
    await this.sendBatch(batch);
    this.underWay.delete(call);
    if (call.keys === null) return this.begin();
    if (this.isGathering) return;
    // Those who were told just now may ask again: what they ask goes together with what has been waiting.
    this.isGathering = true;
    setImmediate(() => this.gathered());
  }

  private gathered(): void {
    this.isGathering = false;
    this.begin();
  }

  private async sendBatch(batch: Batch<Request, Answer>): Promise<boolean> {
    let answers: readonly Answer[];
    try {
      answers = await this.send(batch.map(({ request }) => request));
    } catch (error) {
      if (batch.length > 1 && this.isOfOne(error)) await this.sendEach(batch, error);
      else for (const one of batch) one.reject(error);
      return false;
    }
    batch.forEach((one, index) => {
      const answer = answers[index];
      if (answer === undefined)
        one.reject(new RangeError('the repository answered fewer requests than it was given'));
      else one.resolve(answer);
    });
    return true;
  }

  /** When a second one fails too it is not one of them that is to blame: the rest fails with them. */
  private async sendEach(batch: Batch<Request, Answer>, because: unknown): Promise<void> {
    let failures = 0;
    for (const one of batch) {
      if (failures === 2) one.reject(because);
      else if (!(await this.sendBatch([one]))) failures++;
    }
  }
}
