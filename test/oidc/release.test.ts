/**
 * What is issued is what the releasing function says (rule 32): random registrations, people and requests, and the
 * stories that such a run does not tell.
 */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { Account } from '../../src/domain/account/account.ts';
import { bundles, claimsOfBundle } from '../../src/domain/clients/release/bundles.ts';
import {
  type Asked,
  type ReleaseMembers,
  release,
  released,
  releasingClient,
} from '../../src/domain/clients/release/release.ts';
import { claimsOfScope, personalClaims, scopes } from '../../src/domain/clients/release/scopes.ts';
import type { JsonValue } from '../../src/domain/json-value.ts';
import type { Consent } from '../../src/domain/ports/consents.ts';
import { pairwiseSalt, pairwiseSubject } from '../../src/oidc/clients/pairwise.ts';
import { systemActor } from '../../src/use-cases/actor.ts';
import { previewRelease } from '../../src/use-cases/clients/preview-release.ts';
import { cases } from '../support/cases.ts';
import type { HttpVisitor } from '../support/http-visitor.ts';
import { sealerUnder } from '../support/sealer.ts';
import { application, closeAll, type Kit, organisations, person, register, startOidc, visitor } from './support.ts';

afterEach(closeAll);

const CASES = cases(120);

/** A number in [0, 1) each time, the same ones for the same seed (mulberry32). */
function chances(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const happens = (probability: number) => next() < probability;
  return {
    happens,
    one: <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T,
    some: <T>(values: readonly T[], probability = 0.5) => values.filter(() => happens(probability)),
  };
}
type Chances = ReturnType<typeof chances>;

const roles = ['student', 'staff', 'alumnus', 'faculty'] as const;

function somebody({ happens, one, some }: Chances, index: number): Account {
  const maybe = <T extends object>(value: T) => (happens(0.6) ? value : {});
  const { personalEmail: _, ...base } = person({
    id: `account-of-${index}`,
    givenName: `Given${index}`,
    familyName: 'Family',
  });
  return {
    ...base,
    userNumbers: happens(0.9) ? [`u${1_000_000 + index}`] : [],
    emails: happens(0.7) ? [`mail${index}@kuleuven.be`] : [],
    ...maybe({ personalEmail: `private${index}@example.org` }),
    ...maybe({ phone: `+3247000${1000 + index}` }),
    ...maybe({ orcid: `0000-0002-1825-${1000 + index}` }),
    claims: {
      ...maybe({ nickname: `nick-of-${index}` }),
      ...maybe({ birthdate: `19${10 + index}-02-03` }),
      ...maybe({ website: `https://site-of-${index}.example` }),
      ...maybe({ gender: `gender-of-${index}` }),
      ...maybe({ address: { locality: `town-of-${index}` } }),
    },
    affiliations: some(roles).map((role) => ({ organisation: one(['kuleuven', 'vives']), role, source: 'csv' })),
  };
}

const names = (chance: Chances, probability = 0.15) => chance.some(personalClaims, probability);

function registration(chance: Chances, id: string): Record<string, JsonValue> {
  const { happens, one, some } = chance;
  const several = happens(0.3);
  const pairwise = happens(0.5);
  const maybe = (probability: number, members: Record<string, JsonValue>) => (happens(probability) ? members : {});
  return {
    redirect_uris: [`https://${id}.example/back`, ...(several ? [`https://other-${id}.example/back`] : [])],
    response_types: ['code', 'id_token', 'code id_token token'],
    grant_types: ['authorization_code', 'implicit'],
    id_token_signed_response_alg: 'ES256',
    scope: ['openid', ...some(scopes.slice(1), 0.7)].join(' '),
    subject_type: pairwise ? 'pairwise' : 'public',
    ...maybe(pairwise && several ? 1 : 0, { pedel_sector: `client/${id}` }),
    ...maybe(0.5, { pedel_bundle: one(bundles) }),
    ...maybe(0.5, { pedel_id_token_claims: one<JsonValue>(['none', 'all', names(chance, 0.3)]) }),
    ...maybe(0.2, { userinfo_signed_response_alg: 'ES256' }),
    ...maybe(0.3, {
      pedel_derived_claims: [
        { claim: 'groups', value: 'lenders', when: [one(roles)] },
        { claim: 'pedel_library', value: 'lender', when: ['@kuleuven'] },
        { claim: 'eduperson_entitlement', value: 'urn:mace:dir:entitlement:common-lib-terms', when: [one(roles)] },
      ],
    }),
    ...maybe(0.3, { pedel_rename: { displayName: 'name', preferred_username: 'email' } }),
    pedel_first_party: happens(0.4),
  };
}

type Request = { scope: string[]; claims: { userinfo?: string[]; id_token?: string[] }; response: string };

function requestOf(chance: Chances): Request {
  const response = chance.one(['code', 'code', 'id_token', 'code id_token token']);
  const claims = chance.happens(0.4)
    ? { id_token: names(chance), ...(response === 'id_token' ? {} : { userinfo: names(chance) }) }
    : {};
  return { scope: ['openid', ...chance.some(scopes.slice(1, -1))], claims, response };
}

function consentOf(chance: Chances, { scope, claims }: Request): Pick<Consent, 'scopes' | 'claims' | 'shown'> {
  const named = [...(claims.userinfo ?? []), ...(claims.id_token ?? [])];
  const enough = chance.happens(0.8);
  const kept = <T>(values: T[]) => (enough ? values : chance.some(values, 0.7));
  const shown = chance.happens(0.5) ? {} : { shown: enough ? personalClaims : chance.some(personalClaims, 0.9) };
  return { scopes: [...new Set(['openid', ...kept(scope), ...chance.some(scopes)])], claims: kept(named), ...shown };
}

const PROTOCOL = ['sid', 'iss', 'aud', 'exp', 'iat', 'nonce', 'at_hash', 'c_hash', 'acr', 'amr', 'auth_time'];
const ofPerson = (told: object) =>
  Object.fromEntries(Object.entries(told).filter(([name]) => !PROTOCOL.includes(name)));

type Case = {
  id: string;
  metadata: Record<string, JsonValue>;
  account: Account;
  request: Request;
  /** absent: an application of the association */
  consent?: Pick<Consent, 'scopes' | 'claims' | 'shown'>;
};

/** What the releasing function says. */
function said(
  { metadata, account, request, consent }: Case,
  use: 'id_token' | 'userinfo',
  world: World,
  alone = false,
) {
  const asked: Asked = {
    scopes: request.scope,
    claims: request.claims[use] ?? [],
    consent: {
      scopes: new Set(consent?.scopes ?? scopes),
      claims: new Set(consent?.claims ?? personalClaims),
      unshown: new Set(
        consent?.shown === undefined ? [] : personalClaims.filter((one) => !consent.shown?.includes(one)),
      ),
    },
    alone,
  };
  const who = { account, organisations, domain: 'localhost', pairwise: world.pairwise, now: Date.now() };
  return released(release(releasingClient(metadata as ReleaseMembers), who, asked, use));
}

/** What the preview of the console says of it, for an application of the association. */
async function previewed(kit: Kit, { id, account, request }: Case, use: 'id_token' | 'userinfo', world: World) {
  const { clients, accounts } = kit.storage;
  const ports = { clients, accounts, organisations, domain: 'localhost', ...world, issuer: kit.issuer, now: Date.now };
  const person = { kind: 'person', number: account.id } as const;
  const asked = { scopes: request.scope, claims: request.claims[use] ?? [] };
  const neverAsked = { randomBytes, judge: () => undefined, knowsPerson: async () => true, fetchLogo: undefined };
  const all = { ...ports, ...neverAsked, grants: async () => [] };
  const preview = await previewRelease(systemActor('root'), { id, person, asked }, all);
  if (preview.kind !== 'preview') throw new Error(preview.kind);
  return released(use === 'userinfo' ? preview.userinfo : preview.idToken);
}

type World = { pairwise: (sector: string, accountId: string) => string };

/** By other rules than those of the releasing function: nothing is there that was not asked, registered, in the bundle and allowed. */
function isWithin(told: Record<string, unknown>, { id, metadata, account, request, consent }: Case): void {
  const bundle = metadata.pedel_bundle as keyof typeof claimsOfBundle | undefined;
  const beside = ['groups', 'roles', 'eduperson_entitlement'];
  const scopesOf = (claim: string) => scopes.filter((scope) => claimsOfScope[scope]?.includes(claim));
  const named = [...(request.claims.userinfo ?? []), ...(request.claims.id_token ?? [])];
  const sources: Record<string, string[]> = {
    pedel_library: ['groups'],
    displayName: ['name'],
    preferred_username: ['preferred_username'],
  };
  for (const name of Object.keys(told).filter((each) => each !== 'sub')) {
    for (const claim of sources[name] ?? [name]) {
      const where = `${name} of ${id}`;
      expect([where, personalClaims.includes(claim)]).toEqual([where, true]);
      const registered = scopesOf(claim).some((scope) => String(metadata.scope).split(' ').includes(scope));
      const inBundle = bundle === undefined || beside.includes(claim) || claimsOfBundle[bundle].includes(claim);
      const asked = named.includes(claim) || scopesOf(claim).some((scope) => request.scope.includes(scope));
      const allowed =
        consent === undefined ||
        ((consent.claims.includes(claim) || scopesOf(claim).some((scope) => consent.scopes.includes(scope))) &&
          (consent.shown === undefined || consent.shown.includes(claim)));
      expect([where, { registered, inBundle, asked, allowed }]).toEqual([
        where,
        { registered: true, inBundle: true, asked: true, allowed: true },
      ]);
    }
  }
  const text = JSON.stringify(told);
  if (metadata.subject_type === 'pairwise') expect(text).not.toContain(account.id);
  // values that stand in no other claim
  for (const claim of ['nickname', 'birthdate', 'website', 'gender'] as const)
    if (!(claim in told) && account.claims[claim] !== undefined)
      expect(text).not.toContain(String(account.claims[claim]));
}

/** Whether the application is sent back for consent. */
function lacksConsent({ metadata, account, request, consent }: Case, world: World): boolean {
  if (consent === undefined) return false;
  const client = releasingClient(metadata as ReleaseMembers);
  const wanted = request.scope.filter((scope) => client.scopes.has(scope));
  if (wanted.some((scope) => !consent.scopes.includes(scope))) return true;
  const named = [...(request.claims.userinfo ?? []), ...(request.claims.id_token ?? [])];
  const shown = (claim: string) => consent.shown === undefined || consent.shown.includes(claim);
  const covered = (claim: string) =>
    consent.claims.includes(claim) || consent.scopes.some((scope) => claimsOfScope[scope]?.includes(claim));
  if (
    named.some(
      (claim) => client.allowed.has(claim) && !consent.claims.includes(claim) && !(covered(claim) && !shown(claim)),
    )
  )
    return true;
  // a claim that the page did not name, and that this person has
  const all = { ...request, claims: { userinfo: named } };
  const told = (given: Case['consent']) =>
    said(
      { id: '', metadata, account, request: all, ...(given === undefined ? {} : { consent: given }) },
      'userinfo',
      world,
    );
  const [now, then] = [told(consent), told({ ...consent, shown: personalClaims })];
  const renamed = Object.keys((metadata.pedel_rename ?? {}) as object);
  return Object.keys(then).some(
    (claim) => !(claim in now) && (personalClaims.includes(claim) || renamed.includes(claim)),
  );
}

describe('what is issued', () => {
  test('is what the releasing function says, of many random registrations, people and requests', async () => {
    const seed = 20_261_129;
    const chance = chances(seed);
    const people = Array.from({ length: 12 }, (_, index) => somebody(chance, index));
    const kit = await startOidc({ accounts: people, clients: [application('door', { scope: 'openid' })] });
    const sealer = sealerUnder('a sealing secret of at least 32 characters');
    const salt = await pairwiseSalt(kit.storage.values, sealer, randomBytes);
    const pairwise = (sector: string, accountId: string) => pairwiseSubject(salt, sector, accountId);
    const world = { pairwise };
    const browsers: HttpVisitor[] = [];
    for (const { id } of people) {
      kit.page.signIn = kit.signInAs(id, ['hwk', 'user', 'mfa']);
      const browser = visitor();
      await kit.tokens(browser, { client_id: 'door' });
      browsers.push(browser);
    }
    // what a person allows may shrink between the answer and the next use
    const narrowed = new Map<string, Case['consent']>();
    const { find } = kit.storage.consents;
    kit.storage.consents.find = async (accountId, clientId) => {
      const found = await find(accountId, clientId);
      return found && { ...found, ...narrowed.get(clientId) };
    };

    const count = { sentBack: 0, idTokens: 0, userinfos: 0, introspections: 0, narrowed: 0, claims: 0 };
    for (let index = 0; index < CASES; index += 1) {
      const id = `c${index}`;
      const metadata = registration(chance, id);
      const which = Math.floor(index % people.length);
      const [account, browser] = [people[which] as Account, browsers[which] as HttpVisitor];
      const request = requestOf(chance);
      const one: Case = { id, metadata, account, request };
      await register(kit.storage, { ...application(id), ...metadata });
      if (metadata.pedel_first_party !== true) {
        one.consent = consentOf(chance, request);
        const given = { accountId: account.id, clientId: id, resourceScopes: {}, givenAt: Date.now() };
        await kit.storage.consents.add({ ...given, ...one.consent });
      }
      const answer = await kit.authorize(browser, {
        client_id: id,
        scope: request.scope.join(' '),
        response_type: request.response,
        nonce: 'n',
        prompt: 'none',
        claims: JSON.stringify({
          id_token: Object.fromEntries((request.claims.id_token ?? []).map((name) => [name, null])),
          ...(request.claims.userinfo && {
            userinfo: Object.fromEntries(request.claims.userinfo.map((name) => [name, { essential: true }])),
          }),
        }),
      });
      expect([id, answer.client_id]).toEqual([id, undefined]); // a page of ours says that the registration is no good
      expect([id, answer.error]).toEqual([id, lacksConsent(one, world) ? 'consent_required' : undefined]);
      if (answer.error !== undefined) {
        count.sentBack += 1;
        continue;
      }

      const check = async (told: object, use: 'id_token' | 'userinfo', alone = false) => {
        const claims = ofPerson(told);
        // what an administrator was shown beforehand, as if the person agreed
        if (one.consent === undefined && !alone)
          expect([id, use, await previewed(kit, one, use, world)]).toEqual([id, use, claims]);
        expect([id, use, claims]).toEqual([id, use, said(one, use, world, alone)]);
        isWithin(claims, one);
        count[use === 'userinfo' ? 'userinfos' : 'idTokens'] += 1;
        count.claims += Object.keys(claims).length - 1;
      };
      if (answer.id_token !== undefined)
        await check(decodeJwt(answer.id_token), 'id_token', request.response === 'id_token');
      if (answer.code === undefined) continue;
      const tokens = (await (await kit.exchange(id, answer.code)).json()) as { id_token: string; access_token: string };
      await check(decodeJwt(tokens.id_token), 'id_token');
      if (one.consent !== undefined && chance.happens(0.3)) {
        const { scopes: had, claims: had2 } = one.consent;
        one.consent = {
          scopes: ['openid', ...chance.some(had.slice(1))],
          claims: chance.some(had2),
          shown: chance.some(one.consent.shown ?? personalClaims, 0.8),
        };
        narrowed.set(id, one.consent);
        count.narrowed += 1;
      }
      for (const token of new Set([tokens.access_token, answer.access_token ?? tokens.access_token])) {
        const me = await kit.me(token);
        const body = await me.text();
        await check(body.startsWith('{') ? (JSON.parse(body) as object) : decodeJwt(body), 'userinfo');
      }
      if (chance.happens(0.3)) {
        const { sub, username } = await kit.introspect(id, tokens.access_token);
        expect([sub, username]).toEqual([said(one, 'userinfo', world).sub, undefined]);
        count.introspections += 1;
      }
    }
    // the run has met what it is to meet
    const least = CASES / 20;
    expect(Object.entries(count).filter(([, times]) => times < least)).toEqual([]);
  });
});

describe('consent', () => {
  const foreign = (change: Record<string, JsonValue>) =>
    application('survey', { scope: 'openid profile eduperson', pedel_first_party: false, ...change });
  const openid = { client_id: 'survey', scope: 'openid profile eduperson' };
  const learned = async (kit: Kit, browser: HttpVisitor) => {
    const { access_token: token } = await kit.tokens(browser, openid);
    return Object.keys((await (await kit.me(token)).json()) as object).filter((name) =>
      /name|birthdate|assurance/.test(name),
    );
  };

  test('grows by a claim that the page did not name: it is asked about, and not told before', async () => {
    const kit = await startOidc({ clients: [foreign({ pedel_bundle: 'pseudonymous' })] });
    const browser = visitor();
    expect(await learned(kit, browser)).toEqual(['eduperson_assurance']);
    expect(kit.page.seen.at(-1)?.consent?.shown).not.toContain('name');
    const { access_token: token } = await kit.tokens(browser, openid);
    // a wider bundle
    await register(kit.storage, foreign({ pedel_bundle: 'personalised' }));
    await kit.oidc.reload();
    expect(Object.keys((await (await kit.me(token)).json()) as object)).not.toContain('name');
    expect(await kit.authorize(browser, { ...openid, prompt: 'none' })).toMatchObject({ error: 'consent_required' });
    const asked = kit.page.seen.length;
    expect((await learned(kit, browser)).sort()).toContain('preferred_username');
    expect(kit.page.seen.slice(asked)).toMatchObject([
      { asked: { step: 'consent', because: 'more-than-before' }, consent: { shown: expect.arrayContaining(['name']) } },
    ]);
    // and asked once
    await kit.tokens(browser, openid);
    expect(kit.page.seen).toHaveLength(asked + 1);
  });

  test('of before is about its scopes, and a value that comes later is asked about since', async () => {
    const kit = await startOidc({ clients: [foreign({})] });
    const given = { accountId: 'an', clientId: 'survey', claims: [], resourceScopes: {}, givenAt: Date.now() };
    await kit.storage.consents.add({ ...given, scopes: ['openid', 'profile'] });
    const browser = visitor();
    await kit.change('an', { claims: { birthdate: '1990-01-01' } });
    // only eduperson is asked about, and profile goes on as it was
    expect(await learned(kit, browser)).toContain('birthdate');
    const { scopes: asked, shown } = kit.page.seen.at(-1)?.consent ?? {};
    expect([asked, shown?.includes('birthdate')]).toEqual([['eduperson'], false]);
    await kit.storage.consents.remove('an', 'survey');
    await kit.change('an', { claims: {} });
    await learned(kit, browser);
    const pages = kit.page.seen.length;
    await kit.change('an', { claims: { birthdate: '1990-01-01' } });
    const silent = await kit.authorize(browser, { ...openid, prompt: 'none' });
    expect(silent.error).toBe('consent_required');
    expect(await learned(kit, browser)).toContain('birthdate');
    expect(kit.page.seen.slice(pages).map(({ consent }) => consent)).toMatchObject([
      { scopes: [], claims: [], shown: ['birthdate'] },
    ]);
  });
});

describe('an application that reads only the ID token', () => {
  test('finds there what its registration names, also after refreshing, and no more', async () => {
    const named = { pedel_id_token_claims: ['preferred_username', 'email'] };
    const offline = { scope: 'openid profile email offline_access' };
    const kit = await startOidc({
      clients: [application('kube', { ...offline, ...named }), application('plain', offline)],
    });
    const browser = visitor();
    const told = (token: string) => Object.keys(ofPerson(decodeJwt(token))).sort();
    const tokens = await kit.tokens(browser, {
      client_id: 'kube',
      scope: 'openid profile email offline_access',
      prompt: 'consent',
    });
    expect(told(tokens.id_token)).toEqual(['email', 'preferred_username', 'sub']);
    const again = await kit.refresh('kube', tokens.refresh_token ?? '', {
      client_secret: 'a client secret of at least 32 characters',
    });
    expect(told(((await again.json()) as { id_token: string }).id_token)).toEqual([
      'email',
      'preferred_username',
      'sub',
    ]);
    // what was not asked is not there
    expect(told((await kit.tokens(browser, { client_id: 'kube', scope: 'openid email' })).id_token)).toEqual([
      'email',
      'sub',
    ]);
    expect(told((await kit.tokens(browser, { client_id: 'plain', scope: 'openid email' })).id_token)).toEqual(['sub']);
  });
});

test('an ID token beside a code tells no names by scope, whatever resource the request names', async () => {
  const resource = 'urn:example:api';
  const types = { response_types: ['code id_token', 'id_token'], grant_types: ['authorization_code', 'implicit'] };
  const sentence = { 'description#nl': 'lezen', 'description#en': 'read' };
  const kit = await startOidc({
    clients: [
      application('hybrid', { ...types, pedel_resources: { [resource]: ['read'] } }),
      application('api', {
        pedel_resource_servers: [
          { identifier: resource, scopes: [{ name: 'read', ...sentence }], token_format: 'opaque' },
        ],
      }),
    ],
  });
  const asked = { client_id: 'hybrid', scope: 'openid email read', nonce: 'n', resource };
  const told = (token = '') => ofPerson(decodeJwt(token));
  const { id_token, code = '' } = await kit.authorize(visitor(), { ...asked, response_type: 'code id_token' });
  expect(told(id_token)).toEqual({ sub: 'an' });
  // the code opens userinfo, or brings what userinfo would have told
  const tokens = (await (await kit.exchange('hybrid', code, { resource })).json()) as { id_token: string };
  expect(told(tokens.id_token)).toMatchObject({ email: 'an.peeters@kuleuven.be' });
  const alone = await kit.authorize(visitor(), { ...asked, response_type: 'id_token' });
  expect(told(alone.id_token)).toMatchObject({ email: 'an.peeters@kuleuven.be' });
});

test('a pairwise application of several hosts knows people by one sub, everywhere', async () => {
  const hosts = ['https://a.example/back', 'https://b.example/back'];
  const change = { subject_type: 'pairwise', pedel_sector: 'client/several', redirect_uris: hosts };
  const kit = await startOidc({ clients: [application('several', change)] });
  const subs = new Set<unknown>();
  for (const redirect_uri of hosts) {
    const { code = '' } = await kit.authorize(visitor(), { client_id: 'several', redirect_uri });
    const tokens = (await (await kit.exchange('several', code, { redirect_uri })).json()) as Record<string, string>;
    subs.add(decodeJwt(tokens.id_token ?? '').sub);
    subs.add(((await (await kit.me(tokens.access_token ?? '')).json()) as { sub: string }).sub);
    subs.add((await kit.introspect('several', tokens.access_token ?? '')).sub);
  }
  expect(subs.size).toBe(1);
  expect(subs).not.toContain('an');
});
