/** What an application does with a code and with the tokens that it gets for it. */
import { REPEAT_SECONDS } from '../../src/oidc/records/stored-record.ts';
import { call, isInterruption } from './browser.ts';
import type { Outcome, Person, Session, Token } from './ledger.ts';
import { backTo, type ClientId, isOffline, letSettle, orDoubt, SECRET, type World } from './world.ts';

const ACCESS_MS = 8 * 60_000; // ten minutes, less what a run needs to ask

/** As the application: with its secret, where it has one. */
function asClient(client: string, body: Record<string, string>): URLSearchParams {
  return new URLSearchParams({ client_id: client, ...(client === 'pocket' ? {} : { client_secret: SECRET }), ...body });
}

const post = (world: World, path: string, body: URLSearchParams) =>
  call(`${world.issuer}${path}`, { method: 'POST', body });

/** Once, or twice at the same moment: then one gets tokens at most, and they end at once. */
export async function exchange(
  world: World,
  person: Person,
  session: Session,
  client: ClientId,
  landed: URL,
  verifier: string,
): Promise<Token | undefined> {
  const { ledger, chance } = world;
  const code = landed.searchParams.get('code') ?? '';
  if (code === '') throw new Error(`no code for ${client}: ${landed.search}`);
  const redeem = () => redeemed(world, client, code, verifier);
  const twice = chance.in(0.25);
  const answers = await Promise.allSettled(twice ? [redeem(), redeem()] : [redeem()]);
  let token: Token | undefined;
  for (const answer of answers) {
    if (answer.status !== 'fulfilled' || answer.value.status !== 200) continue;
    ledger.accepted('authorization code', code, person.number, `${client} got tokens`);
    token = noted(session, client, answer.value.body);
  }
  let interrupted = false;
  for (const answer of answers) {
    if (answer.status !== 'rejected') continue;
    if (!isInterruption(answer.reason)) throw answer.reason;
    interrupted = true;
    letSettle(world, person, answer.reason);
  }
  // of two, the one that came second may have ended the family before the first one was answered
  if (token === undefined && !interrupted && !twice)
    throw new Error(`nobody got tokens for a code of ${client}: ${JSON.stringify(answers)}`);
  const outcome = token !== undefined ? 'acknowledged' : interrupted ? 'in doubt' : 'refused';
  ledger.count(twice ? 'exchange, twice at once' : 'exchange', outcome);
  ledger.note(
    person.number,
    `exchange for ${client}${twice ? ' twice' : ''}: ${token === undefined ? 'no tokens' : 'tokens'}, sid ${session.joined.get(client)?.sid}`,
  );
  if (twice || interrupted) {
    // the other one may have come first or not at all
    endFamily(session, client, interrupted ? 'perhaps' : 'ended');
    if (twice && !interrupted && token !== undefined) await userinfo(world, person, token);
  } else if (chance.in(0.3)) {
    person.spent.push({ kind: 'authorization code', client, code, verifier, at: Date.now() });
  }
  return token;
}

const redeemed = (world: World, client: string, code: string, verifier: string) =>
  post(
    world,
    '/token',
    asClient(client, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: backTo(client),
      code_verifier: verifier,
    }),
  );

function noted(session: Session, client: ClientId, body: Record<string, unknown>): Token {
  const token: Token = {
    client,
    access: String(body.access_token),
    accessUntil: Date.now() + ACCESS_MS,
    refresh: typeof body.refresh_token === 'string' ? body.refresh_token : undefined,
    offline: isOffline(client) && body.refresh_token !== undefined,
    state: 'lives',
  };
  session.tokens.push(token);
  const idToken = String(body.id_token);
  const { sid } = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as { sid?: string };
  if (sid !== undefined) session.joined.set(client, { sid, idToken });
  return token;
}

/** All that this application got in this session is no longer accepted, or may not be. */
export function endFamily(session: Session, client: string, state: 'ended' | 'perhaps'): void {
  for (const token of session.tokens) if (token.client === client && token.state !== 'ended') token.state = state;
}

/** A code that was exchanged is refused for ever, and within its life ends what it gave. */
export async function replayCode(
  world: World,
  person: Person,
  spent: { client: string; code: string; verifier: string; at: number },
): Promise<Outcome> {
  for (const session of person.sessions) endFamily(session, spent.client, 'perhaps');
  const { status, body } = await redeemed(world, spent.client, spent.code, spent.verifier);
  if (status === 200) world.ledger.accepted('authorization code', spent.code, person.number, 'replayed later');
  else if (body.error !== 'invalid_grant') throw new Error(`a replayed code: ${status} ${JSON.stringify(body)}`);
  return 'refused';
}

/** What this access token is answered with must agree with what is known of it; what was in doubt is known afterwards. */
export async function userinfo(world: World, person: Person, token: Token): Promise<Outcome> {
  const { status, text } = await call(`${world.issuer}/me`, { headers: { authorization: `Bearer ${token.access}` } });
  return judged(world, person, token, status === 200, `userinfo: ${status} ${text.slice(0, 100)}`);
}

export async function introspect(world: World, person: Person, token: Token): Promise<Outcome> {
  const { status, body } = await post(world, '/token/introspection', asClient(token.client, { token: token.access }));
  if (status !== 200) throw new Error(`introspection: ${status} ${JSON.stringify(body)}`);
  return judged(world, person, token, body.active === true, `introspection: ${JSON.stringify(body).slice(0, 100)}`);
}

function judged(world: World, person: Person, token: Token, works: boolean, what: string): Outcome {
  if (Date.now() > token.accessUntil) return works ? 'acknowledged' : 'refused';
  if (works && token.state === 'ended')
    world.ledger.violation('ended token', person.number, `of ${token.client} still opens: ${what}`);
  if (!works && token.state === 'lives')
    world.ledger.violation('token lost', person.number, `of ${token.client}: ${what}`);
  // an access token that works says so of what came with it; one that does not may only have been replaced
  if (token.state === 'perhaps') token.state = works ? 'lives' : 'ended';
  return works ? 'acknowledged' : 'refused';
}

/** Another access token for a refresh token; of an application without a secret the refresh token is new as well. */
export async function refresh(world: World, person: Person, token: Token): Promise<Outcome> {
  const { refresh: refreshToken } = token;
  if (refreshToken === undefined) throw new TypeError('there is no refresh token');
  const rotates = token.client === 'pocket';
  const ask = () =>
    post(world, '/token', asClient(token.client, { grant_type: 'refresh_token', refresh_token: refreshToken }));
  const twice = rotates && world.chance.in(0.4);
  const lost = () => {
    // whether it was rotated nobody knows, so nobody uses it again
    if (!rotates) return;
    token.refresh = undefined;
    if (token.state === 'lives') token.state = 'perhaps';
  };
  const askedAt = Date.now();
  const answers = await Promise.allSettled(
    twice ? [orDoubt(ask(), lost), orDoubt(ask(), lost)] : [orDoubt(ask(), lost)],
  );
  // of two, the one that a stopped node held back may have come so late that it ended the family
  const late = twice && Date.now() - askedAt >= REPEAT_SECONDS * 1000;
  const given = answers.flatMap((each) =>
    each.status === 'fulfilled' && each.value.status === 200 ? [each.value] : [],
  );
  const failed = answers.find((each) => each.status === 'rejected');
  if (rotates && given.length > 1)
    world.ledger.violation('refresh token accepted twice', person.number, `${token.client}, at the same moment`);
  const [first] = given;
  if (first === undefined) {
    if (failed?.status === 'rejected') throw failed.reason;
    if (token.state === 'lives')
      throw new Error(`a refresh token of ${token.client} is lost: ${JSON.stringify(answers)}`);
    if (token.state === 'perhaps') token.state = 'ended';
    return 'refused';
  }
  if (token.state === 'ended')
    world.ledger.violation('ended refresh token', person.number, `of ${token.client} still gives tokens`);
  token.access = String(first.body.access_token);
  token.accessUntil = Date.now() + ACCESS_MS;
  if (failed === undefined) {
    if (typeof first.body.refresh_token === 'string') token.refresh = first.body.refresh_token;
    if (token.state === 'perhaps') token.state = 'lives';
    if (late) token.state = 'perhaps';
  } else if (failed.status === 'rejected') {
    if (!isInterruption(failed.reason)) throw failed.reason;
    letSettle(world, person, failed.reason);
  }
  return 'acknowledged';
}
