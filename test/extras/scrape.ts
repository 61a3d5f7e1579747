import parse from 'parse-prometheus-text-format';

type Family = ReturnType<typeof parse>[number];
type Labels = Readonly<Record<string, string>>;

/** What a Prometheus server would read from an answer. */
export class Scrape {
  readonly families: readonly Family[];

  constructor(readonly text: string) {
    // Of a histogram with labels the parser makes one of all; without their type its lines are read one by one, as a server does.
    this.families = parse(text.replaceAll(/^# TYPE \S+ histogram$/gm, ''));
  }

  /** The value of a counter or gauge; null: there is none with these labels. */
  value(name: string, labels: Labels = {}): number | null {
    const metrics = this.families
      .filter((family) => family.name === name)
      .flatMap((family) => family.metrics);
    const sample = metrics.find(({ labels: found = {} }) =>
      Object.entries(labels).every(([label, value]) => found[label] === value),
    );
    return sample === undefined ? null : Number(sample.value);
  }

  /** How much a histogram has counted; null: nothing with these labels. */
  count(name: string, labels?: Labels): number | null {
    return this.value(`${name}_count`, labels);
  }

  /** What a histogram has summed up. */
  sum(name: string, labels?: Labels): number | null {
    return this.value(`${name}_sum`, labels);
  }

  /** The names of all labels. */
  get labelNames(): Set<string> {
    const samples = this.families.flatMap(({ metrics }) => metrics);
    return new Set(samples.flatMap(({ labels = {} }) => Object.keys(labels)));
  }
}
