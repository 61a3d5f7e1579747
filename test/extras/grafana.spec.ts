import { Injectable } from '@nestjs/common';
import { Task } from 'nestjs-pyncette';
import { PyncettePrometheusModule } from 'nestjs-pyncette/prometheus';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { textOf } from '../docs/documents.js';
import { launch } from '../e2e/launch.js';

@Injectable()
class Tasks {
  @Task({ interval: '10s' })
  async tick(): Promise<void> {}
}

/** What an application has: series by their names, with their labels. */
const series = new Map<string, ReadonlySet<string>>();
/** The metrics, by the names that the documentation gives them. */
let metrics: readonly string[] = [];

/** As a server sees them: of a histogram, three. */
async function readMetrics(): Promise<void> {
  const registry = new Registry();
  const { clock } = await launch([Tasks], { imports: [PyncettePrometheusModule.forRoot({ registry })] });
  await clock.advance('11s');
  metrics = registry.getMetricsAsArray().map(({ name }) => name);
  for (const [, name = '', labels = ''] of (await registry.metrics()).matchAll(/^(\w+)(?:\{(.*)\})? /gm)) {
    const known = series.get(name) ?? [];
    series.set(name, new Set([...known, ...[...labels.matchAll(/(\w+)="/g)].map(([, label = '']) => label)]));
  }
}

const namesIn = (text: string): string[] => [...new Set(text.match(/pyncette_[a-z_]+/g))];
const dashboard = 'docs/grafana/pyncette.json';
const expressions = [...textOf(dashboard).matchAll(/"(?:expr|query)": ("(?:[^"\\]|\\.)*")/g)].map(
  ([, text = '']) => String(JSON.parse(text)),
);

describe('The Grafana dashboard', () => {
  it('asks only for metrics and labels that there are, and shows all metrics', async () => {
    await readMetrics();
    expect(expressions.length).toBeGreaterThan(15);
    for (const expression of expressions) {
      for (const name of namesIn(expression)) expect([...series.keys()], expression).toContain(name);
      const labels = namesIn(expression).flatMap((name) => [...(series.get(name) ?? [])]);
      for (const label of labelsIn(expression)) expect(labels, expression).toContain(label);
    }
    const shown = new Set(
      expressions.flatMap(namesIn).map((name) => name.replace(/_(bucket|sum|count)$/, '')),
    );
    expect([...shown].sort()).toEqual([...metrics].sort());
    expect(JSON.parse(textOf(dashboard))).toMatchObject({ uid: 'pyncette', schemaVersion: 39 });
  });

  it('and the guide name the same metrics', () => {
    const [chapter = ''] = /^## Metrics\n[^]*?^## /m.exec(textOf('docs/operating.md')) ?? [];
    const names = namesIn(chapter).filter((name) => name !== 'pyncette_');
    expect(names.filter((name) => !series.has(name) && !metrics.includes(name))).toEqual([]);
    const [table = ''] = /^\| metric [^]*?\n\n/m.exec(chapter) ?? [];
    expect(namesIn(table).sort()).toEqual([...metrics].sort());
  });
});

/** The labels of `by (…)` and of `{…}`. */
function labelsIn(expression: string): string[] {
  const grouped = [...expression.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', '));
  const matched = [...expression.matchAll(/(\w+)=~?"/g)].map(([, label = '']) => label);
  return [...grouped, ...matched];
}
