/** Most requests that go to the store in one call. */
const LARGEST_BATCH = 500;

interface Pending<Request, Answer> {
  readonly request: Request;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/**
 * Gathers requests into calls that take lists. A lone request is sent at once; those that come while a call is under way, or in
 * the same turn, go together in the next one. A call that fails fails for each of its requests.
 */
export class Batcher<Request, Answer> {
  private pending: Pending<Request, Answer>[] = [];
  private isSending = false;

  constructor(private readonly send: (requests: readonly Request[]) => Promise<readonly Answer[]>) {}

  submit(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.pending.push({ request, resolve, reject });
      if (!this.isSending) {
        this.isSending = true;
        queueMicrotask(() => void this.drain());
      }
    });
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0) {
      const batch = this.pending.splice(0, LARGEST_BATCH);
      await this.sendBatch(batch);
    }
    this.isSending = false;
  }

  private async sendBatch(batch: readonly Pending<Request, Answer>[]): Promise<void> {
    try {
      const answers = await this.send(batch.map(({ request }) => request));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined)
          reject(new RangeError('the repository answered fewer requests than it was given'));
        else resolve(answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
