/** Says that executions could not be remembered: once, until they can again. */
export class HistoryLosses {
  private isLosing = false;

  constructor(private readonly warn: (message: string) => void) {}

  written(): void {
    this.isLosing = false;
  }

  lost(reason: string): void {
    if (!this.isLosing)
      this.warn(
        `The history of executions cannot be written to Redis: ${reason}. Executions are settled without it`,
      );
    this.isLosing = true;
  }
}
