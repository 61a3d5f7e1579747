/** Answers to a question that many pages ask at once: asked of the store once, and not again for a moment. */
export class SharedAnswers {
  private readonly answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();

  constructor(
    private readonly keptMs: number,
    private readonly now: () => number,
  ) {}

  async get<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.now();
    const known = this.answers.get(key);
    if (known !== undefined && now - known.at < this.keptMs && now >= known.at)
      return known.answer as Promise<T>;
    for (const [other, { at }] of this.answers) if (now - at >= this.keptMs) this.answers.delete(other);
    const answer = ask();
    this.answers.set(key, { at: now, answer });
    answer.catch(() => this.answers.delete(key));
    return answer;
  }

  /** Something has changed. */
  clear(): void {
    this.answers.clear();
  }
}
