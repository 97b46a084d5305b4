/**
 * Signs an administrator in to an application as the application would, and tells what arrived. Our own callback is
 * accepted only in a request that was made here for a stored trial, in the session that started it; the code is redeemed
 * in this process, and what was issued is destroyed before anything is shown: grant, tokens and a new consent. No token
 * leaves this module.
 */
import { createHash } from 'node:crypto';
import { errors, type KoaContextWithOIDC } from 'oidc-provider';
import { storable } from '../../domain/clients/refusals/refusal.ts';
import { arrivedIn } from '../../domain/clients/trial/arrived.ts';
import { TRIAL_MS, type Trial, type TrialOutcome, trialPath } from '../../domain/clients/trial/trial.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { Consents } from '../../domain/ports/consents.ts';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { Trials } from '../../domain/ports/trials.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { declineReasons, inProtocol } from '../../domain/sign-in/reason.ts';
import type { CurrentProvider } from '../build-provider.ts';
import { memoryOfRequest } from '../request.ts';
import { type Answer, askInProcess } from '../sign-in/in-process.ts';

/** Whose trial: the session as `Sessions.current` tells it. */
export type TrialSession = { uid: string; accountId: string };

export type TrialDesk = {
  /**
   * Starts a trial of this application. `scopes`: those that are asked for. @returns the URL of /auth for a 303
   */
  begin(client: string, scopes: readonly string[], session: TrialSession): Promise<string>;
  /**
   * Ends the trial to which the callback's parameters belong, once. @returns its id, under which `outcome` tells what came of
   * it. Undefined: it is over, was used before, or is not of this session
   */
  finish(answer: Record<string, unknown>, session: TrialSession): Promise<string | undefined>;
  /** Undefined: it has no outcome, is over, or is not of this session. */
  outcome(id: string, session: TrialSession): Promise<{ client: string; outcome: TrialOutcome } | undefined>;
  /** Whether the current request of the protocol is a trial of this application: only then it may return to us. */
  admits(ctx: KoaContextWithOIDC, client: string): Promise<boolean>;
};

export type TrialOptions = {
  issuer: string;
  trials: Trials;
  sealer: Pick<Sealer, 'mac' | 'seal' | 'open'>;
  consents: Pick<Consents, 'find' | 'remove'>;
  records: Pick<ProtocolRecords, 'revokeByGrant' | 'grantsOf'>;
  current: () => Pick<CurrentProvider, 'freshen'>;
  now: () => number;
  randomBytes: RandomBytes;
};

/** Neither is stored: whoever reads the database and sees a code can do nothing with it. */
const VERIFIER = 'trial-verifier';
const NONCE = 'trial-nonce';
const OUTCOME = 'trial-outcome';
const LONGEST_ERROR = 100;

/** By the trial's key. It ends with all that was issued under it. */
const grantOf = (key: string) => recordKeyOf(`grant of trial ${key}`);

export function createTrialDesk(options: TrialOptions): TrialDesk {
  const { issuer, trials, sealer, consents, records, current, now, randomBytes } = options;
  const callback = `${issuer}${trialPath}`;
  const challengeOf = (state: string) => createHash('sha256').update(sealer.mac(VERIFIER, state)).digest('base64url');

  const isOf = (trial: Trial, { uid, accountId }: TrialSession) => trial.session === uid && trial.account === accountId;

  /** Only the very request that `begin` made: no request object, no other way of answering. */
  async function isTrial({ oidc }: KoaContextWithOIDC, client: string): Promise<boolean> {
    const { params = {}, session } = oidc;
    const { state, response_type: type, response_mode: mode, request, request_uri: uri } = params;
    if (typeof state !== 'string' || type !== 'code' || [mode, request, uri].some((each) => each !== undefined))
      return false;
    if (params.code_challenge !== challengeOf(state) || params.code_challenge_method !== 'S256') return false;
    const trial = await trials.find(recordKeyOf(state), now());
    if (trial === undefined || trial.used || trial.client !== client) return false;
    return session?.accountId !== undefined && isOf(trial, { uid: session.uid, accountId: session.accountId });
  }

  async function redeem(trial: Trial, state: string, code: string): Promise<TrialOutcome> {
    const built = await current().freshen();
    const decided: NonNullable<NonNullable<ReturnType<typeof memoryOfRequest>>['trial']>['decided'] = [];
    const asTrial = (ctx: object) => {
      const memory = memoryOfRequest(ctx);
      if (memory !== undefined) memory.trial = { client: trial.client, grant: grantOf(recordKeyOf(state)), decided };
    };
    const form = {
      grant_type: 'authorization_code',
      client_id: trial.client,
      redirect_uri: callback,
      code,
      code_verifier: sealer.mac(VERIFIER, state),
    };
    const issued = await askInProcess(built, { path: '/token', form }, asTrial);
    const { access_token: access, id_token: idToken, scope } = issued.body;
    let told: Answer | undefined;
    if (typeof access === 'string')
      told = await askInProcess(built, { path: '/me', authorization: `Bearer ${access}` }, asTrial);
    if (typeof idToken !== 'string') return refused(issued.body);
    if (told?.status !== 200) return refused(told?.body ?? {});
    const claims = payloadOf(idToken);
    if (claims.nonce !== sealer.mac(NONCE, state)) return refused({ error: 'server_error' });
    const scopes = typeof scope === 'string' ? scope.split(' ') : [];
    return arrivedIn({ id_token: claims, userinfo: told.body as Record<string, JsonValue> }, decided, scopes);
  }

  /** Code, tokens and grant; and the consent, unless there was one before or the application itself has used it since. */
  async function leaveNothing(id: string, { client, account, consented }: Trial): Promise<void> {
    await records.revokeByGrant(grantOf(id));
    if (consented || (await consents.find(account, client)) === undefined) return;
    if ((await records.grantsOf(account, [client], now())).length > 0) return;
    await consents.remove(account, client);
  }

  return {
    async begin(client, scopes, { uid, accountId }) {
      const state = Buffer.from(randomBytes(32)).toString('base64url');
      const startedAt = now();
      await trials.start(recordKeyOf(state), {
        client,
        session: uid,
        account: accountId,
        consented: (await consents.find(accountId, client)) !== undefined,
        startedAt,
        expiresAt: startedAt + TRIAL_MS,
      });
      const parameters = new URLSearchParams({
        client_id: client,
        response_type: 'code',
        redirect_uri: callback,
        scope: scopes.join(' '),
        state,
        nonce: sealer.mac(NONCE, state),
        code_challenge: challengeOf(state),
        code_challenge_method: 'S256',
      });
      return `${issuer}/auth?${parameters}`;
    },

    async finish({ state, code, error, error_description: description }, session) {
      if (typeof state !== 'string') return undefined;
      const id = recordKeyOf(state);
      const stored = await trials.find(id, now());
      if (stored === undefined || stored.used || !isOf(stored, session)) return undefined;
      if (typeof code !== 'string' && typeof error !== 'string') return undefined;
      if (!(await trials.use(id, now()))) return undefined;
      const { used: _, ...trial } = stored;
      const ended = typeof error === 'string' || typeof code !== 'string';
      const redeemed = ended ? endedWith(error, description) : redeem(trial, state, code);
      const outcome = await Promise.resolve(redeemed).finally(() => leaveNothing(id, trial));
      await trials.conclude(id, trial, sealer.seal(JSON.stringify(outcome), id, OUTCOME));
      return id;
    },

    async outcome(id, session) {
      const stored = await trials.find(id, now());
      if (stored?.outcome === undefined || !isOf(stored, session)) return undefined;
      return { client: stored.client, outcome: JSON.parse(sealer.open(stored.outcome, id, OUTCOME)) };
    },

    async admits(ctx, client) {
      const memory = memoryOfRequest(ctx);
      if (memory?.trial !== undefined) return memory.trial.client === client;
      const { route, params } = ctx.oidc;
      if (params?.redirect_uri !== callback || (route !== 'authorization' && route !== 'resume')) return false;
      const is = await isTrial(ctx, client);
      // a new request is refused for its redirect URI; one that waited has passed that check
      if (!is && route === 'resume') throw new errors.InvalidRequest('the trial is over, or was begun elsewhere');
      if (is && memory !== undefined)
        memory.trial = { client, grant: grantOf(recordKeyOf(String(params.state))), decided: [] };
      return is;
    },
  };
}

/** Its signature is ours, made a moment ago. */
const payloadOf = (jwt: string): Record<string, JsonValue> =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

function endedWith(error: unknown, description: unknown): TrialOutcome {
  const because = declineReasons.find((reason) => {
    const told = inProtocol(reason);
    return told.error === error && told.description === description;
  });
  return because === undefined ? refused({ error, error_description: description }) : { kind: 'declined', because };
}

function refused({ error, error_description: description }: Record<string, unknown>): TrialOutcome {
  const text = (value: unknown) => (typeof value === 'string' ? storable(value, LONGEST_ERROR) : '');
  return { kind: 'refused', error: text(error) || 'server_error', description: text(description) };
}
