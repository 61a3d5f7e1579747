import type { DataSource } from 'typeorm';

/** One start of one occurrence, as the handlers themselves wrote it down. */
export interface Effect {
  readonly kind: string;
  readonly instance: string;
  readonly occurrence: number;
}

export const CREATE_EFFECTS =
  'CREATE TABLE effects (kind varchar(20) NOT NULL, instance varchar(50) NOT NULL, occurrence bigint NOT NULL)';

export async function effectsIn(dataSource: DataSource, kind: string): Promise<Effect[]> {
  const rows: unknown = await dataSource.query(
    `SELECT kind, instance, occurrence FROM effects WHERE kind = '${kind}'`,
  );
  return (rows as Effect[]).map((row) => ({ ...row, occurrence: Number(row.occurrence) }));
}

export const instancesOf = (effects: readonly Effect[]): Set<string> =>
  new Set(effects.map(({ instance }) => instance));

/** How often the occurrence that was started most often was started. */
export function mostStarts(effects: readonly Effect[]): number {
  const counts = new Map<string, number>();
  for (const { instance, occurrence } of effects) {
    const key = `${instance}@${occurrence}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** Occurrences of recurring instances that were jumped over. */
export function gaps(effects: readonly Effect[], everyMs: number): string[] {
  const moments = new Map<string, Set<number>>();
  for (const { instance, occurrence } of effects)
    moments.set(instance, (moments.get(instance) ?? new Set()).add(occurrence));
  return [...moments].flatMap(([instance, set]) => {
    const sorted = [...set].sort((a, b) => a - b);
    return sorted
      .slice(1)
      .flatMap((moment, index) =>
        moment - (sorted[index] ?? 0) === everyMs ? [] : [`${instance}@${moment}`],
      );
  });
}
