import { textsOf } from './answers.js';
import type { Home } from './keys.js';
import type { Argument, Link } from './link.js';

/** Fewest names that are read of one home at a time. */
const LEAST = 50;

/** A name, and where its row is. */
export interface FoundName {
  readonly instance: string;
  readonly home: Home;
}

/** Names in order, some at a time. */
export interface Names {
  /** The next ones; fewer than asked for only at the end. */
  next(count: number): Promise<FoundName[]>;
}

/** Those of a list. */
export function namesOf(list: readonly FoundName[]): Names {
  let from = 0;
  return { next: async (count) => list.slice(from, (from += count)) };
}

/** The names of one home, read piece by piece. */
interface Stream {
  readonly home: Home;
  names: string[];
  after: string | null;
  isOver: boolean;
}

/** The names of a template's instances in the order of their UTF-8 bytes, over all homes, however many there are. */
export class NameWalk implements Names {
  private readonly streams: Stream[];

  constructor(
    private readonly link: Link,
    homes: readonly Home[],
    after: string | null,
    /** Only names that begin with it. */
    private readonly prefix = '',
  ) {
    this.streams = homes.map((home) => ({ home, names: [], after, isOver: false }));
  }

  async next(count: number): Promise<FoundName[]> {
    const found: FoundName[] = [];
    while (found.length < count) {
      await this.refill(Math.max(LEAST, Math.ceil(count / Math.max(1, this.streams.length))));
      const taken = this.take(count - found.length);
      if (taken.length === 0) break;
      found.push(...taken);
    }
    return found;
  }

  /** Takes the smallest names until one home has to be read on. */
  private take(count: number): FoundName[] {
    const taken: FoundName[] = [];
    while (taken.length < count && this.streams.every(({ names, isOver }) => isOver || names.length > 0)) {
      const first = this.first();
      const instance = first?.names.pop();
      if (first === undefined || instance === undefined) break;
      taken.push({ instance, home: first.home });
    }
    return taken;
  }

  private first(): Stream | undefined {
    const [only] = this.streams;
    if (this.streams.length === 1) return only;
    let first: Stream | undefined;
    for (const stream of this.streams) {
      const [name, least] = [stream.names.at(-1), first?.names.at(-1)];
      if (name !== undefined && (least === undefined || isBefore(name, least))) first = stream;
    }
    return first;
  }

  private async refill(size: number): Promise<void> {
    const empty = this.streams.filter(({ names, isOver }) => !isOver && names.length === 0);
    if (empty.length === 0) return;
    await this.link.trip(() => Promise.all(empty.map((stream) => this.read(stream, size))));
  }

  private async read(stream: Stream, size: number): Promise<void> {
    const { after } = stream;
    const isBegun = after !== null && !isBefore(after, this.prefix);
    const [from, to] = rangeOf(this.prefix);
    const begin = isBegun ? `(${after}` : from;
    const names = await this.link.command('zrangebylex', stream.home.names, begin, to, 'LIMIT', 0, size);
    const read = textsOf(names);
    stream.isOver = read.length < size;
    stream.after = read.at(-1) ?? after;
    stream.names = read.reverse();
  }
}

/** All names that begin with a text: UTF-8 has no byte 255. */
export const rangeOf = (prefix: string): readonly [Argument, Argument] =>
  prefix === '' ? ['-', '+'] : [`[${prefix}`, Buffer.concat([Buffer.from(`(${prefix}`), Buffer.of(0xff)])];

/** As Redis compares: byte by byte. */
export const isBefore = (one: string, other: string): boolean =>
  Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0;
