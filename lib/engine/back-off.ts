/** How long to wait before the store is asked again: a tenth of a second, doubled with each failure up to five seconds. */
export class BackOff {
  private failures = 0;

  nextMs(): number {
    return Math.min(FIRST_MS * 2 ** this.failures++, LONGEST_MS);
  }

  reset(): void {
    this.failures = 0;
  }
}

const FIRST_MS = 100;
const LONGEST_MS = 5_000;
