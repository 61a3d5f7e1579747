/** Over how many times its limit a claim spreads at most to stay out of the way of others. */
const WIDEST = 16;

/**
 * How much more than it may claim a process looks at. One that finds its picks taken by others looks at more rows the next time and
 * picks at a place of its own, so that many processes do not all want the oldest ones.
 */
export class ClaimSpread {
  width = 1;

  /** Where among the due rows to pick, from 0 to 1. */
  place(): number {
    return this.width === 1 ? 0 : Math.random();
  }

  learn(picked: number, claimed: number): void {
    if (claimed < picked / 2) this.width = Math.min(WIDEST, this.width * 2);
    else if (claimed === picked) this.width = Math.max(1, this.width / 2);
  }
}
