import type { SecondView } from '../wire.js';

/** How many seconds are remembered. */
export const SECONDS_KEPT = 600;

interface Second {
  seq: number;
  second: number;
  started: number;
  succeeded: number;
  failed: number;
  missed: number;
  lateSumMs: number;
  lateMaxMs: number;
}

/** What happened in each of the last seconds; as much memory for a million executions a second as for none. */
export class Seconds {
  private readonly ring: (Second | undefined)[] = Array.from({ length: SECONDS_KEPT });
  private latest = 0;

  started(at: number, seq: number, latenessMs: number): void {
    const second = this.at(at, seq);
    second.started++;
    second.lateSumMs += latenessMs;
    second.lateMaxMs = Math.max(second.lateMaxMs, latenessMs);
  }

  count(what: 'succeeded' | 'failed' | 'missed', at: number, seq: number, howMany = 1): void {
    this.at(at, seq)[what] += howMany;
  }

  /** Those in which something happened after `cursor`, oldest first. */
  since(cursor: number): SecondView[] {
    const oldest = this.latest - SECONDS_KEPT;
    return this.ring
      .filter((second) => second !== undefined)
      .filter(({ seq, second }) => seq > cursor && second > oldest)
      .map(viewOf)
      .sort((one, other) => one.second - other.second);
  }

  private at(moment: number, seq: number): Second {
    const second = Math.floor(moment / 1_000);
    this.latest = Math.max(this.latest, second);
    const place = ((second % SECONDS_KEPT) + SECONDS_KEPT) % SECONDS_KEPT;
    const known = this.ring[place];
    const found = known?.second === second ? known : emptySecond(second);
    found.seq = seq;
    this.ring[place] = found;
    return found;
  }
}

const emptySecond = (second: number): Second => ({
  seq: 0,
  second,
  started: 0,
  succeeded: 0,
  failed: 0,
  missed: 0,
  lateSumMs: 0,
  lateMaxMs: 0,
});

function viewOf({ second, started, succeeded, failed, missed, lateSumMs, lateMaxMs }: Second): SecondView {
  return { second: second * 1_000, started, succeeded, failed, missed, lateSumMs, lateMaxMs };
}
