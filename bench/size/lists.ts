/** Asks for the lists of the API and the pages of the console, as an owner and as administrators of one organisation do. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateSecret, generateSync } from 'otplib';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import { hashPassword } from '../../src/domain/passwords/password-hash.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import type { RoleGrant } from '../../src/domain/roles/role.ts';
import { anAccount } from '../../test/support/account.ts';
import { httpVisitor } from '../../test/support/http-visitor.ts';
import { sealerUnder } from '../../test/support/sealer.ts';
import { quantile } from '../../test/support/statistics.ts';
import { familyNameOf, numberOf, PASSWORD } from './fill.ts';
import { clientIdOf, RARE_ACTION, RARE_ACTOR } from './fill-lists.ts';
import type { Installation } from './installation.ts';

/** Milliseconds: of one request on the clock, and of the node's main process for one. */
export type ListFigure = { what: string; p50: number; p95: number; cpu: number };
type Ask = (n: number) => Promise<{ status: number; next?: string | undefined }>;

const DAY_MS = 24 * 3600 * 1000;
const SECRET = 'a-secret-of-a-service-that-measures-and-of-nobody-else';
const SCOPES = ['clients:read', 'people:read', 'audit:read'];

/** Of a node of its own on this storage, which is open here as well. */
export async function measureLists(
  installation: Installation,
  storage: Storage,
  { people, rounds }: { people: number; rounds: number },
): Promise<ListFigure[]> {
  const node = await installation.serve();
  const figures: ListFigure[] = [];
  try {
    for (const [what, ask] of await everyList(installation, storage, people)) {
      const times: number[] = [];
      const before = cpuOf(node.pid);
      while (times.length < rounds) {
        const started = performance.now();
        const { status } = await ask(times.length);
        // a service may ask twenty times a second
        if (status === 429) await sleep(10_000);
        else if (status !== 200) throw new Error(`${what}: ${status}`);
        else times.push(performance.now() - started);
      }
      const cpu = (cpuOf(node.pid) - before) / rounds;
      figures.push({ what, p50: quantile(times, 0.5), p95: quantile(times, 0.95), cpu });
    }
  } finally {
    await node.end();
  }
  return figures;
}

/** Milliseconds of the processor, in steps of ten. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function everyList({ issuer, secret }: Installation, storage: Storage, people: number): Promise<[string, Ask][]> {
  const ids = (await storage.accounts.search('', undefined, 200)).map(({ id }) => id);
  const some = (n: number) => ids[(n * 7919) % ids.length] ?? '';
  const number = (n: number) => 1 + ((n * 7919) % people);
  const at = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString();
  const audit = (query: string) => `/audit-entries?${query}`;
  const q = encodeURIComponent;

  const owner = await serviceWith(issuer, storage, 'measures-all', 'owner', 'association');
  const ofOne = await serviceWith(issuer, storage, 'measures-one', 'client-administrator', ['vives']);
  const peopleOfOne = await serviceWith(issuer, storage, 'measures-people', 'people-administrator', ['kuleuven']);
  const browser = await signedIn(issuer, storage, secret);
  type Call = typeof owner;
  const api =
    (call: Call, path: (n: number) => string): Ask =>
    (n) =>
      call(path(n));
  const page =
    (path: (n: number) => string): Ask =>
    (n) =>
      browser.open(`${issuer}${path(n)}`);
  /** The second page of a list, by the address that the first one gave. */
  const second = (call: Call, path: string): Ask => {
    let next: string | undefined;
    return async () => {
      next ??= (await call(path)).next;
      return call(next ?? path);
    };
  };

  return [
    ['API clients', api(owner, () => '/clients')],
    ['API clients, 200, second page', second(owner, '/clients?limit=200')],
    ['API clients of one organisation of three', api(ofOne, () => '/clients')],
    ['API people', api(owner, () => '/people')],
    ['API people, second page', second(owner, '/people')],
    ['API people by number', api(owner, (n) => `/people?query=${numberOf(number(n))}`)],
    ['API people by a name that a tenth has', api(owner, () => '/people?query=peeters')],
    ['API people by the start of a name, one organisation', api(peopleOfOne, () => '/people?query=pee')],
    ['API people by a whole name', api(owner, (n) => `/people?query=${q(familyNameOf(number(n)))}`)],
    ['API audit-entries', api(owner, () => audit(''))],
    ['API audit-entries, 200, second page', second(owner, audit('limit=200'))],
    ['API audit-entries of a person', api(owner, (n) => audit(`subject=${some(n)}`))],
    ['API audit-entries of an actor', api(owner, (n) => audit(`actor=${some(n)}`))],
    ['API audit-entries of the busiest application', api(owner, () => audit(`client=${clientIdOf(0)}`))],
    ['API audit-entries of an application', api(owner, (n) => audit(`client=${clientIdOf(1 + (n % 900))}`))],
    ['API audit-entries of the commonest action', api(owner, () => audit('action=sign-in'))],
    ['API audit-entries of a rare action', api(owner, () => audit(`action=${RARE_ACTION}`))],
    ['API audit-entries of a day', api(owner, (n) => audit(`from=${at(1000 - n)}&to=${at(999 - n)}`))],
    [
      'API audit-entries of a person, of one action',
      api(owner, (n) => audit(`subject=${some(n)}&action=factor.added`)),
    ],
    [
      'API audit-entries of a person, in one application',
      api(owner, (n) => audit(`subject=${some(n)}&client=${clientIdOf(0)}`)),
    ],
    ['API audit-entries of an actor, as a person', api(owner, (n) => audit(`actor=${some(n)}&subject=${some(n + 1)}`))],
    [
      'API audit-entries of an actor who left, and a common action',
      api(owner, () => audit(`actor=${RARE_ACTOR}&action=sign-in`)),
    ],
    [
      'API audit-entries of a common action in a common application',
      api(owner, () => audit(`client=${clientIdOf(0)}&action=sign-in`)),
    ],
    [
      'API audit-entries: common action and application, nothing of both',
      api(owner, () => audit(`client=${clientIdOf(0)}&action=session.ended`)),
    ],
    [
      'API audit-entries of a rare action, in one day',
      api(owner, (n) => audit(`action=${RARE_ACTION}&from=${at(900 - n)}&to=${at(899 - n)}`)),
    ],
    ['API audit-entries of a common action, years ago', api(owner, () => audit(`action=sign-in&to=${at(1000)}`))],
    ['API audit-entries of one organisation’s applications', api(ofOne, () => audit(''))],
    ['API audit-entries of one organisation’s people', api(peopleOfOne, () => audit(''))],
    ['console: first page', page(() => '/admin?lang=en')],
    ['console: applications', page(() => '/admin/applications?lang=en')],
    ['console: applications by words that all have', page(() => '/admin/applications?q=faculty&lang=en')],
    ['console: applications by words of one', page((n) => `/admin/applications?q=${clientIdOf(n * 31)}&lang=en`)],
    ['console: applications by words of none', page(() => '/admin/applications?q=nothing&lang=en')],
    ['console: one application', page((n) => `/admin/applications/${clientIdOf(n)}?lang=en`)],
    ['console: history of one', page((n) => `/admin/applications/${clientIdOf(n)}/history?lang=en`)],
    ['console: registration', page(() => '/admin/registration?lang=en')],
    ['console: people', page(() => '/admin/people?lang=en')],
    ['console: people by name', page(() => '/admin/people?q=peeters&lang=en')],
    ['console: one person', page((n) => `/admin/people/${some(n)}?lang=en`)],
    ['console: audit log', page(() => '/admin/audit?lang=en')],
    ['console: audit log of a person', page((n) => `/admin/audit?person=${numberOf(number(n))}&lang=en`)],
    ['console: deliveries', page(() => '/admin/deliveries?lang=en')],
    ['console: roles', page(() => '/admin/roles?lang=en')],
    ['console: webhooks', page(() => '/admin/webhooks?lang=en')],
    ['console: unknown applications', page(() => '/admin/problems?lang=en')],
    ['console: organisations', page(() => '/admin/organisations?lang=en')],
    ['console: health', page(() => '/admin/health?lang=en')],
  ];
}

/** A service with a role, made anew or found from the run before; how it calls. */
async function serviceWith(
  issuer: string,
  storage: Storage,
  id: string,
  role: RoleGrant['role'],
  organisations: RoleGrant['organisations'],
) {
  const resource = `${issuer}/api/v1`;
  const record = {
    id,
    revision: 1,
    metadata: {
      client_name: id,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_post',
      scope: 'openid',
      pedel_service_resources: { [resource]: SCOPES },
    },
    secrets: [{ id: '1', hash: hashClientSecret(SECRET), createdAt: 0 }],
    createdAt: 0,
    updatedAt: 0,
  };
  await storage.clients.put(record, 0);
  await grant(storage, { kind: 'client', id }, role, organisations);
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: SECRET,
    resource,
    scope: SCOPES.join(' '),
  });
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token for ${id}`);
  return async (path: string) => {
    const listed = await fetch(path.startsWith('http') ? path : `${resource}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await listed.text();
    const next = /<([^>]+)>; rel="next"/.exec(listed.headers.get('link') ?? '')?.[1];
    return { status: listed.status, next };
  };
}

async function grant(
  { roleGrants }: Pick<Storage, 'roleGrants'>,
  holder: RoleGrant['holder'],
  role: RoleGrant['role'],
  organisations: RoleGrant['organisations'],
): Promise<void> {
  const { revision, grants, effects } = await roleGrants.read();
  if (grants.some((each) => each.holder.id === holder.id)) return;
  const more: RoleGrant = { id: holder.id, holder, role, organisations, grantedBy: 'lists', grantedAt: Date.now() };
  await roleGrants.replace({ revision: revision + 1, grants: [...grants, more], effects }, revision);
}

/** An owner in a browser: another one with each run, because codes count once. */
async function signedIn(issuer: string, storage: Storage, secret: string) {
  const id = `owner-${Date.now().toString(36)}`;
  const seed = generateSecret();
  const sealedSeed = sealerUnder(secret).seal(seed, id, 'totp');
  await storage.accounts.insert(
    anAccount({
      id,
      userNumbers: [id],
      emails: [],
      activatedAt: 1,
      affiliations: [{ organisation: 'alum', role: 'alumnus', source: 'csv' }],
      password: { hash: await hashPassword(PASSWORD, randomBytes), setAt: 1 },
      totps: [{ id: `totp-${id}`, name: 'Phone', sealedSeed, lastStep: 0, createdAt: 1 }],
      language: 'en',
      roles: ['owner'],
    }),
  );
  await grant(storage, { kind: 'person', id }, 'owner', 'association');
  const browser = httpVisitor({ 'accept-language': 'en' });
  await browser.open(`${issuer}/admin`);
  await browser.press('sign-in', { login: id, password: PASSWORD });
  await browser.press('verify', { code: generateSync({ secret: seed, epoch: Math.floor(Date.now() / 1000) }) });
  return browser;
}
