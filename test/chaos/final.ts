/**
 * The final check: acknowledged actions hold, doubtful ones happened wholly or not at all, and nothing was sent twice
 * without a reason.
 */
import { createHash } from 'node:crypto';
import type { OutboxEntry } from '../../src/domain/ports/outbox.ts';
import { EMAILS_AT_ONCE, LOGOUTS_AT_ONCE } from '../../src/jobs/deliveries.ts';
import type { Disturbance } from './events.ts';
import type { Person } from './ledger.ts';
import type { Arrival } from './receivers.ts';
import { accountOf, clients, isOffline, spoiltByDatabase, type World } from './world.ts';

const PAGE = 500;

export type Reckoning = {
  letters: number;
  logouts: number;
  /** arrived again, for a reason that can be named */
  excusedRepeats: number;
};

/** After the nodes have ended and what they left was dispatched. */
export async function reckon(world: World): Promise<Reckoning> {
  const { ledger, storage, mail, applications, disturbances } = world;
  const stuck = await storage.accounts.withEffects(10);
  for (const account of stuck)
    ledger.violation(
      'effects left',
      account.userNumbers[0] ?? account.id,
      JSON.stringify(account.effects.map(({ kind }) => kind)),
    );

  const letters = await entries(world, 'letter');
  const logouts = await entries(world, 'backchannel-logout');
  for (const entry of [...letters, ...logouts]) {
    if (entry.state === 'waiting' || entry.state === 'set-aside')
      ledger.violation(
        'outbox does not drain',
        entry.accountId ?? '-',
        `${entry.id}: ${entry.lastError ?? 'no error'}`,
      );
    if (entry.state === 'failed')
      ledger.violation('given up', entry.accountId ?? '-', `${entry.id}: ${entry.lastError ?? 'no error'}`);
  }

  const arrived = new Set(mail.letters.map(({ id }) => id));
  for (const { id, accountId = '-', payload } of letters) {
    if (!arrived.has(messageIdOf(id)))
      ledger.violation('letter lost', accountId, `${payload.template} to ${payload.to} is done and never arrived`);
  }
  const known = new Set(letters.map(({ id }) => messageIdOf(id)));
  for (const { id, to, subject } of mail.letters)
    if (!known.has(id)) ledger.violation('letter of nobody', to, `${subject} under ${id}`);

  const heard = new Set(applications.told.filter(({ answered }) => answered).map(({ id }) => id));
  const retired = new Set(world.people.flatMap(({ number, retired }) => (retired === undefined ? [] : [number])));
  for (const { person, client, sid, since } of ledger.logoutsOwed) {
    if (retired.has(person)) continue;
    if (heard.has(`${client} ${sid}`)) continue;
    const state = logouts.find(({ payload }) => payload.sid === sid)?.state ?? 'not there';
    ledger.violation('logout lost', person, `${client} never heard that ${sid} ended at ${since} s (outbox: ${state})`);
  }

  for (const person of world.people.filter(({ retired }) => retired === undefined))
    await reckonPerson(world, person, letters);

  const repeats = [
    ...repeatsOf(world, mail.letters, disturbances, 'letter'),
    ...repeatsOf(world, applications.told, disturbances, 'logout'),
  ];
  const most = SENT_AT_ONCE * world.cluster.nodes.length * disturbances.length;
  if (repeats.length > most)
    ledger.violation('sent again', '-', `${repeats.length} times, with ${most} at most under way`);
  return { letters: mail.letters.length, logouts: applications.told.length, excusedRepeats: repeats.length };
}

async function entries({ storage }: World, kind: OutboxEntry['kind']): Promise<OutboxEntry[]> {
  const all: OutboxEntry[] = [];
  for (;;) {
    const page = await storage.outbox.list({ kind }, all.at(-1)?.id, PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

/** As mail/render-email.ts makes it: of the effect's id, so two letters of one effect carry the same. */
function messageIdOf(id: string): string {
  return `<${createHash('sha256').update(id).digest('hex')}@localhost>`;
}

/** Letters and audit entries: as many as acts, and not more than those with the ones in doubt. */
async function reckonPerson(world: World, person: Person, letters: OutboxEntry[]): Promise<void> {
  const account = await accountOf(world, person);
  const ofPerson = letters.filter(({ accountId }) => accountId === account.id);
  for (const [what, { certain, perhaps }] of person.owed) {
    const [kind, name = ''] = what.split(' ');
    const found =
      kind === 'letter'
        ? ofPerson.filter(({ payload }) => payload.template === name).map(({ createdAt }) => createdAt)
        : (await world.storage.auditLog.page({ subject: account.id, action: name }, undefined, PAGE)).map(
            ({ at }) => at,
          );
    const when = `${found.length} found: ${found.map((at) => ((at - world.ledger.startedAt()) / 1000).toFixed(1)).sort()} s`;
    if (found.length < certain)
      world.ledger.violation(`${kind} lost`, person.number, `${name}: ${certain} acts, ${when}`);
    const most = certain + perhaps;
    const ofOneRequest = found.filter((at, place) => found.indexOf(at) < place);
    if (found.length <= most) continue;
    if (
      found.length - ofOneRequest.length <= most &&
      ofOneRequest.every((at) => spoiltByDatabase(world, at, at + ANSWERED_WITHIN_MS))
    )
      person.retired = `${what} is told twice: ${when}`;
    else
      world.ledger.violation(`${kind} twice`, person.number, `${name}: ${certain} acts, ${perhaps} in doubt, ${when}`);
  }
  const consent = await world.storage.consents.find(account.id, 'library');
  if (person.consent === 'given' && consent === undefined)
    world.ledger.violation('consent lost', person.number, 'it is not stored');
  if (person.consent === 'none' && consent !== undefined)
    world.ledger.violation('consent that was taken back', person.number, 'is still stored');
  if (person.state === 'active' && account.totps.length > 0 !== (person.seed !== undefined))
    world.ledger.violation('half an account', person.number, `${account.totps.length} factors are stored`);
}

/** How long a request may have waited for the write that was repeated. */
const ANSWERED_WITHIN_MS = 15_000;

/** Letters and logouts that one node has under way (jobs/start.ts). */
const SENT_AT_ONCE = EMAILS_AT_ONCE + LOGOUTS_AT_ONCE;

/** What kept a node from recording, or the sender from hearing, that it had arrived. */
const RECORDED_WITHIN_MS = 5000;

/**
 * What arrived again although its sender was told that it had arrived, and nothing happened in the seconds in which that
 * was recorded, is a violation. @returns the excused ones
 */
function repeatsOf(world: World, arrivals: Arrival[], disturbances: Disturbance[], what: string): Arrival[] {
  const byId = new Map<string, Arrival[]>();
  for (const arrival of arrivals) byId.set(arrival.id, [...(byId.get(arrival.id) ?? []), arrival]);
  const excused: Arrival[] = [];
  for (const [id, [first, ...more]] of byId) {
    let before = first;
    let endsLeft = what === 'logout' ? laterEndsOf(id) : 0;
    for (const again of more) {
      if (before === undefined) break;
      if (!before.answered || wasDisturbed(before.at, disturbances)) excused.push(again);
      else if (endsLeft > 0) endsLeft -= 1;
      else
        world.ledger.violation(
          `${what} twice`,
          '-',
          `${id} again ${again.at - before.at} ms after it was answered and recorded`,
        );
      before = again;
    }
  }
  return excused;
}

/**
 * An application that holds a refresh token hears of the end of its session, and later of that of the token, by the same `sid`
 * (oidc/withdrawal.ts).
 */
function laterEndsOf(id: string): number {
  const [client = ''] = id.split(' ');
  return clients.some((each) => each === client && isOffline(each)) ? 1 : 0;
}

/** A receiver's own mood is no reason: what it did not answer is marked so. */
const wasDisturbed = (at: number, disturbances: Disturbance[]) =>
  disturbances.some(
    ({ kind, from, until }) => !/^(mail|logout) /.test(kind) && at >= from - RECORDED_WITHIN_MS && at <= until,
  );
