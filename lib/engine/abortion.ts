/** What may abort an execution. Its signal is made when somebody asks for it: most handlers never do. */
export class Abortion {
  private controller: AbortController | null = null;
  private because: Error | null = null;

  /** Why it was aborted; null: it was not. */
  get reason(): Error | null {
    return this.because;
  }

  get signal(): AbortSignal {
    if (this.controller === null) {
      this.controller = new AbortController();
      if (this.because !== null) this.controller.abort(this.because);
    }
    return this.controller.signal;
  }

  /** The first reason counts. */
  abort(reason: Error): void {
    if (this.because !== null) return;
    this.because = reason;
    this.controller?.abort(reason);
  }
}
