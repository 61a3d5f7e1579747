/** Something that is in a list, and knows where. */
export interface Listed {
  place: number;
}

/**
 * What is in flight, in no particular order. Not a Set: one that always gains and loses members is copied over and over, and each old copy,
 * dead but old enough not to be looked at, keeps the next one and all its members from being collected young. With a thousand executions
 * in flight that was a third of all garbage collection.
 */
export class RunList<T extends Listed> {
  private readonly runs: T[] = [];

  get size(): number {
    return this.runs.length;
  }

  /** As they are now, whatever comes or goes while they are gone through. */
  get all(): readonly T[] {
    return [...this.runs];
  }

  add(run: T): void {
    run.place = this.runs.length;
    this.runs.push(run);
  }

  /** The last one takes its place. */
  delete(run: T): void {
    if (this.runs[run.place] !== run) return;
    const last = this.runs.pop();
    if (last === undefined || last === run) return;
    this.runs[run.place] = last;
    last.place = run.place;
  }
}
