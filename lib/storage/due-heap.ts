/** Something that becomes due; the heap keeps track of where it stands. */
export interface HeapEntry {
  /** When it becomes due; Infinity: never. */
  wakeAt: number;
  /** Its place in the heap; -1: in none. */
  place: number;
}

/** A binary heap whose entries know their places, so that one can move or leave in O(log n). The earliest is on top. */
export class DueHeap<E extends HeapEntry> {
  private readonly entries: E[] = [];

  get first(): E | undefined {
    return this.entries[0];
  }

  /** Puts an entry where its `wakeAt` belongs, whether it is new or has moved. */
  put(entry: E): void {
    if (entry.place < 0) entry.place = this.entries.push(entry) - 1;
    this.rise(entry);
    this.sink(entry);
  }

  /** All entries, the earliest first; of no use any more when one is put or removed meanwhile. */
  *inOrder(): Generator<E> {
    const frontier = this.entries.length === 0 ? [] : [0];
    for (;;) {
      const place = this.takeEarliest(frontier);
      const entry = place === null ? undefined : this.entries[place];
      if (place === null || entry === undefined) return;
      for (const child of [2 * place + 1, 2 * place + 2])
        if (child < this.entries.length) frontier.push(child);
      yield entry;
    }
  }

  remove(entry: E): void {
    const { place } = entry;
    const last = this.entries.pop();
    entry.place = -1;
    if (last === undefined || last === entry) return;
    last.place = place;
    this.entries[place] = last;
    this.put(last);
  }

  private takeEarliest(places: number[]): number | null {
    const wakesAt = (place: number | undefined): number =>
      this.entries[place ?? -1]?.wakeAt ?? Number.POSITIVE_INFINITY;
    let earliest = 0;
    for (let index = 1; index < places.length; index++)
      if (wakesAt(places[index]) < wakesAt(places[earliest])) earliest = index;
    return places.splice(earliest, 1)[0] ?? null;
  }

  private rise(entry: E): void {
    while (entry.place > 0) {
      const parent = this.entries[(entry.place - 1) >> 1];
      if (parent === undefined || parent.wakeAt <= entry.wakeAt) return;
      this.swap(entry, parent);
    }
  }

  private sink(entry: E): void {
    for (;;) {
      const left = this.entries[2 * entry.place + 1];
      const right = this.entries[2 * entry.place + 2];
      const child = right !== undefined && left !== undefined && right.wakeAt < left.wakeAt ? right : left;
      if (child === undefined || child.wakeAt >= entry.wakeAt) return;
      this.swap(child, entry);
    }
  }

  /** `lower` takes the place of `upper`, its parent. */
  private swap(lower: E, upper: E): void {
    const { place } = upper;
    upper.place = lower.place;
    lower.place = place;
    this.entries[upper.place] = upper;
    this.entries[lower.place] = lower;
  }
}
