/** Most requests that go to the store in one call. */
const LARGEST_BATCH = 1_000;

/** A request, and who is told the answer; what is told must not throw. */
export interface Pending<Request, Answer> {
  readonly request: Request;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Gathers requests into calls that take lists. A lone request is sent at once; those that come while a call is under way, or in
 * the same turn, go together in the next one. A call that fails fails for each of its requests, unless the failure may be that of one
 * of them: then each is sent alone, and fails for itself.
 */
export class Batcher<Request, Answer> {
  private pending: Pending<Request, Answer>[] = [];
  private isSending = false;

  constructor(
    private readonly send: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    /** Whether a call may have failed because of one of its requests. */
    private readonly isOfOne: (error: unknown) => boolean = () => false,
  ) {}

  submit(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => this.put({ request, resolve, reject }));
  }

  /** The same, but tells rather than promises. */
  put(pending: Pending<Request, Answer>): void {
    this.pending.push(pending);
    if (this.isSending) return;
    this.isSending = true;
    queueMicrotask(() => void this.drain());
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0) {
      const batch = this.pending.splice(0, LARGEST_BATCH);
      await this.sendBatch(batch);
    }
    this.isSending = false;
  }

  private async sendBatch(batch: readonly Pending<Request, Answer>[]): Promise<boolean> {
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
  private async sendEach(batch: readonly Pending<Request, Answer>[], because: unknown): Promise<void> {
    let failures = 0;
    for (const one of batch) {
      if (failures === 2) one.reject(because);
      else if (!(await this.sendBatch([one]))) failures++;
    }
  }
}
