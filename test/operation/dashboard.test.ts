/** The dashboard and the alerts name metrics that exist, with labels that they have. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createMetrics } from '../../src/operation/metrics.ts';

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
const metrics = createMetrics(
  { backlog: async () => ({ waiting: 0, failed: 0, setAside: 0, oldestDueAt: undefined }) },
  () => 0,
  { waiting: () => 0, turnedAway: () => 0, taken: () => ({}) },
  { waiting: () => 0, taken: () => 0 },
  () => 0,
  () => [{ name: 'sweep', succeededAt: 60_000 }, { name: 'wrap' }],
);
const known = () => metrics.registry.getMetricsAsArray().map(({ name }) => name);

test('every metric of the dashboard and of the alerts exists', () => {
  const { panels } = JSON.parse(read('grafana.json')) as { panels: { targets: { expr: string }[] }[] };
  const alerts = [...read('operations.md').matchAll(/^ +expr: (.+)$/gm)].map(([, expr = '']) => expr);
  const expressions = [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...alerts];
  expect([panels.length, alerts.length]).toEqual([12, 7]);
  const named = expressions.flatMap((expr) => expr.match(/pedel_[a-z_]+/g) ?? []);
  for (const name of named)
    expect([name, known()]).toEqual([name, expect.arrayContaining([name.replace(/_(bucket|count)$/, '')])]);
});

test('a job that has not ended well since the start has no time', async () => {
  const text = await metrics.registry.metrics();
  expect(text.match(/^pedel_job_last_success_timestamp_seconds.*$/gm)).toEqual([
    'pedel_job_last_success_timestamp_seconds{job="sweep"} 60',
  ]);
});
