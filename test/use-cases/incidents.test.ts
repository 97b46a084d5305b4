/** What happened under an incident number: what is kept of it, how much, and who is told. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  INCIDENTS_KEPT_MS,
  type Incident,
  incidentNumberIn,
  storableIncident,
} from '../../src/domain/incidents/incident.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { createAttemptsInMemory } from '../../src/domain/rate-limits/attempts-in-memory.ts';
import { limits } from '../../src/domain/rate-limits/limits.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import { type Actor, actorOf } from '../../src/use-cases/actor.ts';
import { incidentAtDesk, incidentForOverseer } from '../../src/use-cases/incidents/find-incident.ts';
import {
  createIncidentNotes,
  MOST_OF_NETWORK,
  MOST_OF_PERSON,
  MOST_OF_STRANGERS,
} from '../../src/use-cases/incidents/note-incidents.ts';
import { anAccount } from '../support/account.ts';
import { openTestStorage } from '../support/storage.ts';

const AT = Date.UTC(2026, 8, 21);
const numberOf = (n: number) => n.toString(16).padStart(10, '0');
const happened = (change: Partial<Incident> = {}): Incident => ({ id: numberOf(1), at: AT, kind: 'bug', ...change });
const from = (address: string) => ({ groups: [address] });

describe('what is kept of an incident', () => {
  test('rule 24: is known words and ids; a path, a long or a made-up text is not', () => {
    const whole = happened({ page: '/interaction/:uid', client: 'toledo', account: 'a', refusal: 'code-used' });
    expect(storableIncident(whole)).toEqual(whole);
    for (const page of [
      '/reset?ticket=s3cret',
      '/reset/S3CRET-Token',
      `/${'a'.repeat(100)}`,
      'x',
      '/a b',
      '/\u0000',
      '//evil',
    ])
      expect(storableIncident(happened({ page }))).toEqual(happened());
    expect(storableIncident(happened({ client: 'x'.repeat(301), refusal: 's3cret' as 'other' }))).toEqual(happened());
    expect(storableIncident({ ...happened(), password: 's3cret' } as Incident)).toEqual(happened());
    for (const id of ['', 'x', '012345678', '0123456789a', '012345678G', '0123456789\n'])
      expect(storableIncident(happened({ id }))).toBeUndefined();
    expect(storableIncident(happened({ kind: 'made-up' as 'bug' }))).toBeUndefined();
  });

  test('a number is read as it is read out', () => {
    for (const typed of ['8c1f2e3d4a', ' 8C1F 2E3D 4A ', '8c1f-2e3d-4a', '８ｃ１ｆ２ｅ３ｄ４ａ'])
      expect(incidentNumberIn(typed)).toBe('8c1f2e3d4a');
    for (const typed of ['', '8c1f2e3d4', '8c1f2e3d4a5', 'r0123456', '8c1f2e3d4\u0000', '🌱'.repeat(10)])
      expect(incidentNumberIn(typed)).toBeUndefined();
  });
});

describe('rule 30: what pages note', () => {
  async function noting() {
    const stored: Incident[] = [];
    const database = { away: false };
    const notes = createIncidentNotes({
      incidents: {
        add: async (some) => {
          if (database.away) throw new Error('away');
          stored.push(...some);
        },
      },
    });
    return { notes, stored, database };
  }

  test('is stored with the next write, and is tried again where that fails', async () => {
    const { notes, stored, database } = await noting();
    notes.note(happened(), from('192.0.2.1'));
    database.away = true;
    await expect(notes.write()).rejects.toThrow('away');
    notes.note(happened({ id: numberOf(2) }), from('192.0.2.1'));
    database.away = false;
    await Promise.all([notes.write(), notes.write()]);
    expect(stored.map(({ id }) => id)).toEqual([numberOf(1), numberOf(2)]);
  });

  test('of one network that is not signed in is bounded in an hour, and so is what all of them cause', async () => {
    const { notes, stored } = await noting();
    const flood = async (count: number, network: (n: number) => string, at = AT) => {
      for (let n = 0; n < count; n += 1) notes.note(happened({ id: numberOf(n), at }), from(network(n)));
      await notes.write();
      return stored.splice(0).length;
    };
    expect(await flood(MOST_OF_NETWORK + 50, () => '192.0.2.1')).toBe(MOST_OF_NETWORK);
    expect(await flood(10, () => '192.0.2.2')).toBe(10);
    expect(await flood(10, () => '192.0.2.1', AT + 3_600_000)).toBe(10);
    let all = 0;
    for (let n = 0; n < 5; n += 1)
      all += await flood(1000, (each) => `198.51.100.${n} ${each % 250}`, AT + 2 * 3_600_000 + n);
    expect(all).toBe(MOST_OF_STRANGERS);
  });

  test('of somebody who is signed in has room of its own, which strangers do not use up', async () => {
    const { notes, stored } = await noting();
    for (let n = 0; n < 200; n += 1) notes.note(happened({ id: numberOf(n) }), from('192.0.2.1'));
    for (let n = 0; n < 200; n += 1) notes.note(happened({ id: numberOf(n), account: 'a' }), from('192.0.2.1'));
    await notes.write();
    expect(stored.filter(({ account }) => account === 'a')).toHaveLength(MOST_OF_PERSON);
    expect(stored).toHaveLength(MOST_OF_NETWORK + MOST_OF_PERSON);
  });
});

describe('who asks for a number', () => {
  let storage: Storage;
  const attempts = createAttemptsInMemory();
  const hits: unknown[] = [];
  const ports = () => ({
    ...storage,
    limiter: { attempts, onLimitHit: (hit: unknown) => void hits.push(hit) },
    writeIncidents: async () => {},
    now: () => AT,
  });
  const grants: RoleGrant[] = [
    { role: 'desk', organisations: ['vives'] },
    { role: 'auditor', organisations: ['vives'] },
    { role: 'auditor', organisations: 'association' },
    { role: 'owner', organisations: 'association' },
    { role: 'client-administrator', organisations: 'association' },
  ].map((grant, n) => ({
    ...(grant as Pick<RoleGrant, 'role' | 'organisations'>),
    id: `g${n}`,
    holder: { kind: 'person', id: `holder-${n}` },
    grantedBy: 'test',
    grantedAt: 0,
  }));
  const actor = (n: number): Actor =>
    actorOf({ id: `holder-${n}`, givenName: 'An', familyName: 'Maes' }, grants, 'console');
  const [DESK, AUDITOR, WIDE_AUDITOR, OWNER, CLIENTS] = [0, 1, 2, 3, 4];
  const of = {
    own: numberOf(1),
    other: numberOf(2),
    desk: numberOf(3),
    nobody: numberOf(4),
    role: numberOf(5),
    gone: numberOf(6),
  };

  beforeAll(async () => {
    storage = await openTestStorage({ now: () => AT });
    const at = (organisation: string) => ({ affiliations: [{ organisation, role: 'student', source: 'csv' }] });
    const person = (id: string, organisation: string) =>
      storage.accounts.insert(
        anAccount({ id, userNumbers: [id], emails: [], passkeys: [], tickets: [], ...at(organisation) }),
      );
    await person('own', 'vives');
    await person('other', 'kuleuven');
    for (const n of [0, 1]) await person(`holder-${n}`, 'vives');
    await storage.roleGrants.replace({ revision: 1, grants, effects: [] }, 0);
    await storage.incidents.add([
      happened({ id: of.own, account: 'own' }),
      happened({ id: of.other, account: 'other' }),
      happened({ id: of.desk, account: 'holder-0' }),
      happened({ id: of.nobody }),
      happened({ id: of.role, account: 'holder-1' }),
      happened({ id: of.gone, account: 'erased' }),
    ]);
  });
  afterAll(() => storage.close());

  const seen = async (lookUp: typeof incidentAtDesk, n: number) => {
    const found: string[] = [];
    for (const [name, number] of Object.entries(of))
      if ((await lookUp(actor(n), number, ports())).kind === 'found') found.push(name);
    return found;
  };

  test('at the desk is told of people whom the agent sees, and of nobody; the rest is as a number that nobody has', async () => {
    expect(await seen(incidentAtDesk, DESK)).toEqual(['own', 'nobody']);
    const answers = [];
    for (const number of [of.other, of.desk, of.role, of.gone, numberOf(99), 'x'])
      answers.push(await incidentAtDesk(actor(DESK), number, ports()));
    expect(answers).toEqual(answers.map(() => ({ kind: 'not-found' })));
    for (const n of [AUDITOR, OWNER, CLIENTS]) expect(await seen(incidentAtDesk, n)).toEqual([]);
  });

  test('as owner or auditor is told of all, or of the people of the own organisation', async () => {
    expect(await seen(incidentForOverseer, OWNER)).toEqual(['own', 'other', 'desk', 'nobody', 'role']);
    expect(await seen(incidentForOverseer, WIDE_AUDITOR)).toEqual(['own', 'other', 'desk', 'nobody', 'role']);
    expect(await seen(incidentForOverseer, AUDITOR)).toEqual(['own', 'desk', 'role']);
    for (const n of [DESK, CLIENTS]) expect(await seen(incidentForOverseer, n)).toEqual([]);
  });

  test('nobody goes through numbers: wrong ones are counted, and beyond the limit not even a right one is told', async () => {
    const tries = limits.incidentsPerAgent.tries;
    const guess = (n: number, who = DESK) => incidentAtDesk(actor(who), numberOf(n), ports());
    await attempts.clear(`incidentsPerAgent holder-${DESK}`, AT);
    for (let n = 0; n < 100; n += 1) expect((await guess(1)).kind).toBe('found'); // right ones cost nothing
    for (let n = 0; n < tries; n += 1) expect((await guess(1000 + n)).kind).toBe('not-found');
    expect((await guess(2000)).kind).toBe('limited');
    expect((await guess(1)).kind).toBe('limited');
    expect(hits).toMatchObject([{ limit: 'incidentsPerAgent' }]);
  });

  test('after fourteen days nothing is told', async () => {
    await storage.sweep(AT + INCIDENTS_KEPT_MS);
    expect(await incidentForOverseer(actor(OWNER), of.own, ports())).toEqual({ kind: 'not-found' });
  });
});
