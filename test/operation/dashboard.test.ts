/** The dashboard and the alerts name metrics that exist, with labels that they have. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { createMetrics } from '../../src/operation/metrics.ts';

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8');
const metrics = createMetrics({
  outbox: { backlog: async () => ({ waiting: 0, failed: 0, setAside: 0, oldestDueAt: undefined }) },
  now: () => 0,
  hashing: { waiting: () => 0, turnedAway: () => 0, taken: () => ({}) },
  judging: { waiting: () => 0, taken: () => 0 },
  clockAheadMs: () => 0,
  jobs: () => [{ name: 'sweep', succeededAt: 60_000 }, { name: 'wrap' }],
  suspendedRemovals: async () => ({ sap: 1204, hr: 0 }),
});
const known = () => metrics.registry.getMetricsAsArray().map(({ name }) => name);

test('every metric of the dashboard and of the alerts exists', () => {
  const { panels } = JSON.parse(read('grafana.json')) as { panels: { targets: { expr: string }[] }[] };
  const alerts = [...read('operations.md').matchAll(/^ +expr: (.+)$/gm)].map(([, expr = '']) => expr);
  const expressions = [...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)), ...alerts];
  expect([panels.length, alerts.length]).toEqual([13, 8]);
  const named = expressions.flatMap((expr) => expr.match(/pedel_[a-z_]+/g) ?? []);
  for (const name of named)
    expect([name, known()]).toEqual([name, expect.arrayContaining([name.replace(/_(bucket|count)$/, '')])]);
});

test('requests of the console and the desk are told apart, strangers add no series, and the database says how fast it answers', async () => {
  for (const path of ['/admin/people', '/desk', '/scim/v2/Users', '/made-up', '/made-up-too'])
    metrics.countRequest(path, 200, performance.now());
  const text = await metrics.registry.metrics();
  const groups = [...text.matchAll(/^pedel_http_request_seconds_count\{group="([^"]+)"/gm)].map(([, group]) => group);
  expect(groups).toEqual(['admin', 'desk', 'scim', 'other']);
  expect(text).toMatch(/^pedel_storage_answer_seconds 0\.\d+/m);
});

test('sign-ins are counted by application, and beyond five hundred the others share a series', async () => {
  for (let each = 0; each < 510; each += 1) metrics.countSignIn(`client-${each}`, ['pwd']);
  metrics.countSignIn('client-1', ['pwd', 'otp', 'hwk', 'user', 'mfa']);
  const text = await metrics.registry.metrics();
  expect(text.match(/^pedel_sign_ins_total/gm)).toHaveLength(501);
  expect(text).toContain('pedel_sign_ins_total{client="client-1"} 2');
  expect(text).toContain('pedel_sign_ins_total{client="other"} 10');
  metrics.countSignIn('client-1', ['pwd', 'otp', 'mfa']);
  metrics.countSignIn('client-1', []);
  const byFactor = (await metrics.registry.metrics()).match(/^pedel_sign_ins_by_factor_total.*$/gm);
  expect(byFactor?.sort()).toEqual([
    'pedel_sign_ins_by_factor_total{factor="code"} 1',
    'pedel_sign_ins_by_factor_total{factor="other"} 1',
    'pedel_sign_ins_by_factor_total{factor="passkey"} 1',
    'pedel_sign_ins_by_factor_total{factor="password"} 510',
  ]);
});

test('a job that has not ended well since the start has no time', async () => {
  const text = await metrics.registry.metrics();
  expect(text.match(/^pedel_job_last_success_timestamp_seconds.*$/gm)).toEqual([
    'pedel_job_last_success_timestamp_seconds{job="sweep"} 60',
  ]);
});

test('people whom an import left alone because of an unreadable row are counted by source', async () => {
  const text = await metrics.registry.metrics();
  expect(text).toContain('pedel_import_removals_suspended{source="sap"} 1204');
  expect(text).toContain('pedel_import_removals_suspended{source="hr"} 0');
});
