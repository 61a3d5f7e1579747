/** Collects everything that is wrong with an application's configuration, so that one message can hold it all. */
export class Problems {
  private readonly found: string[] = [];

  get list(): readonly string[] {
    return this.found;
  }

  add(problem: string): void {
    this.found.push(problem);
  }

  /** Reads a value; when that throws, its reason is added under a name. */
  attempt<T>(name: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.add(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }
}
