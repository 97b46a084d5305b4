/** Trials and watches, which are kept among the records of the protocol: used once, added to by every node. */
import { expect, test } from '@jest/globals';
import { TRIAL_MS, type Trial } from '../../../src/domain/clients/trial/trial.ts';
import { WATCH_MS, WATCH_READ_MS, type WatchStep } from '../../../src/domain/clients/watch/watch.ts';
import type { ProtocolRecords } from '../../../src/domain/ports/protocol-records.ts';
import { createTrials } from '../../../src/oidc/trials/trials.ts';
import { createWatches } from '../../../src/oidc/trials/watches.ts';
import { NOW } from './together.ts';

const times = { startedAt: NOW, expiresAt: NOW + TRIAL_MS };
const trial: Trial = { client: 'c', session: 's', account: 'a', consented: false, ...times };
const watch = { client: 'c', startedAt: NOW, endsAt: NOW + WATCH_MS, by: 'an' };
const step = (at: number, scope = 'openid'): WatchStep => ({ at: NOW + at, kind: 'request', scopes: [scope] });

export function watchingContract(records: () => ProtocolRecords): void {
  const trials = () => createTrials(records());
  const watches = () => createWatches(records());

  test('a trial is used by one of many callers, keeps its outcome, and is over after ten minutes', async () => {
    await trials().start('key', trial);
    expect(await trials().find('key', NOW)).toEqual({ ...trial, used: false });
    const uses = await Promise.all(Array.from({ length: 20 }, () => trials().use('key', NOW)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    await trials().conclude('key', trial, 'sealed');
    expect(await trials().find('key', NOW)).toEqual({ ...trial, used: true, outcome: 'sealed' });
    expect(await trials().use('key', NOW)).toBe(false);
    expect(await trials().find('key', NOW + TRIAL_MS)).toBeUndefined();
    expect(await trials().use('key', NOW + TRIAL_MS)).toBe(false);
  });

  test('steps of several nodes at once are all kept, in the order of their time', async () => {
    await watches().start(watch);
    await Promise.all(Array.from({ length: 30 }, (_, n) => watches().add('c', [step(29 - n), step(100 + n)], NOW)));
    const found = await watches().find('c', NOW);
    expect(found?.steps.map(({ at }) => at - NOW)).toEqual([
      ...Array.from({ length: 30 }, (_, n) => n),
      ...Array.from({ length: 30 }, (_, n) => 100 + n),
    ]);
    expect(found).toMatchObject({ ...watch, full: false });
  });

  test('nothing is kept of an application that nobody watches, of before or of after', async () => {
    expect(await watches().any(NOW)).toBe(false);
    await watches().add('c', [step(1)], NOW);
    await watches().start(watch);
    expect(await watches().any(NOW)).toBe(true);
    await watches().add('c', [step(-1), step(0), step(WATCH_MS - 1), step(WATCH_MS)], NOW);
    await watches().add('d', [step(1)], NOW);
    expect((await watches().find('c', NOW))?.steps.map(({ at }) => at - NOW)).toEqual([0, WATCH_MS - 1]);
    expect(await watches().find('d', NOW)).toBeUndefined();
    expect(await watches().any(NOW + WATCH_MS)).toBe(false);
  });

  test('a watch can be read for an hour after its end, and a new one begins with nothing', async () => {
    await watches().start(watch);
    await watches().add('c', [step(0, '"\u0000🌱')], NOW);
    const readUntil = NOW + WATCH_MS + WATCH_READ_MS;
    expect((await watches().find('c', readUntil - 1))?.steps).toEqual([step(0, '"\u0000🌱')]);
    expect(await watches().find('c', readUntil)).toBeUndefined();
    await watches().start({ ...watch, startedAt: NOW + 1 });
    expect((await watches().find('c', NOW))?.steps).toEqual([]);
  });

  test('what is kept is bounded: further steps are not, and the page is told', async () => {
    await watches().start(watch);
    for (let n = 0; n < 102; n += 1) await watches().add('c', [step(n)], NOW);
    const found = await watches().find('c', NOW);
    expect([found?.steps.length, found?.full]).toEqual([100, true]);
  });
}
