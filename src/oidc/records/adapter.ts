/**
 * Stores the library's records through our port: identifiers only as hashes, races settled by the port, invalid
 * records not found.
 */
import { randomUUID } from 'node:crypto';
import Provider, { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { ProtocolRecord, ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import { createDeviceCodeAdapter, type DeviceCodeIndex } from '../devices/device-codes.ts';
import { endsWithAccount } from '../lifetimes.ts';
import { beforeAnswer, memoryOfRequest, noteRefusal, readAccount, revokeGrant } from '../request.ts';
import { type BoundRecord, whyLapsed } from '../sign-in/policy.ts';
import { createSessionAdapter, type SessionAdapterOptions } from './session-adapter.ts';
import {
  type Identifiers,
  interactionOf,
  isFinishedElsewhere,
  isOfNobody,
  isRepeated,
  NOBODY_SECONDS,
  recordOf,
  refuseLarge,
  refuseLargeDevice,
  strangersBytes,
} from './stored-record.ts';

/** Records that become invalid when the account ends or its epoch changes (rule 12). */
const boundToAccount = new Set(['Session', 'Grant', 'AuthorizationCode', 'DeviceCode', 'AccessToken', 'RefreshToken']);
/** Codes that are exchanged once: a second use ends what the first one got. */
const exchangedOnce = new Set(['AuthorizationCode', 'DeviceCode']);

/** Of which nobody knows before the answer to the request that makes it. */
const knownByAnswer = new Set(['Grant', 'AuthorizationCode']);

/**
 * What a client holds until its account ends is stored for a day more, so that the client can be told of that end
 * (withdrawal.ts). It opens nothing meanwhile.
 */
const toldOfEnd = new Set(['Grant', 'RefreshToken']);
const TOLD_FOR_MS = 24 * 3600 * 1000;

const kindsOfToken = ['AccessToken', 'ClientCredentials', 'RefreshToken'];
const isOfAnyKind = () => ['introspection', 'revocation'].includes(Provider.ctx?.oidc?.route ?? '');

export type AdapterOptions = Pick<
  SessionAdapterOptions,
  'beforeSessionEnds' | 'onSessionEnded' | 'sessionEnded' | 'takeForStranger'
> & {
  accounts: Pick<Accounts, 'findById'>;
  records: ProtocolRecords;
  sessionMaxSeconds: number;
  now: () => number;
  /** The key of the browser of this request (interaction.ts); undefined if it has no cookie yet. */
  browser: () => string | undefined;
  /** A stored grant as it is now; undefined if it is none any longer (allowance.ts). */
  holdGrant: (grant: ProtocolRecord) => Promise<ProtocolRecord | undefined>;
  /** A token that a service got for itself, as it is now (allowance.ts). */
  holdServiceToken: (token: ProtocolRecord) => Promise<ProtocolRecord | undefined>;
  deviceCodes: DeviceCodeIndex;
  /** The audit entry of a code or refresh token that was used again. */
  replayed: (grantId: string, clientId: string, accountId: string | undefined) => ChangeEntry;
};

/**
 * Makes an adapter for each of the library's models. Its methods throw the library's `InvalidRequest`,
 * `InvalidRequestUri` and `InvalidGrant` for a second use, and what the storage throws.
 */
export function createAdapterFactory(options: AdapterOptions): AdapterFactory {
  const { accounts, records, now } = options;
  const identifiers = createIdentifiers();

  async function holds(model: string, record: BoundRecord): Promise<boolean> {
    if (!boundToAccount.has(model) || record.accountId === undefined) return true;
    const account = await readAccount(accounts, record.accountId);
    const because = whyLapsed(record, account, now(), options.sessionMaxSeconds);
    if (because === undefined) return true;
    const memory = memoryOfRequest();
    if (model !== 'Session') noteRefusal(because);
    else if (memory !== undefined) memory.lapsed = because;
    return false;
  }

  /**
   * Who introspects or revokes a token need not say of which kind it is, so that the library looks for each: one read for all
   * of them.
   */
  async function read(model: string, key: string): Promise<ProtocolRecord | undefined> {
    const memory = kindsOfToken.includes(model) && isOfAnyKind() ? memoryOfRequest() : undefined;
    if (memory === undefined) return records.find(model, key, now());
    let found = memory.tokens.get(key);
    if (found === undefined) {
      found = records.findAmong(kindsOfToken, key, now());
      memory.tokens.set(key, found);
    }
    const token = await found;
    return token?.model === model ? token.record : undefined;
  }

  /** At the token endpoint the library revokes only because of a second use. */
  function replayOf(grantId: string): ChangeEntry | undefined {
    const { route, client, account } = Provider.ctx?.oidc ?? {};
    if (route !== 'token' || client === undefined) return undefined;
    return options.replayed(grantId, client.clientId, account?.accountId);
  }

  /** What is read as both sides allow it now. */
  const held: { [model: string]: AdapterOptions['holdGrant'] } = {
    Grant: options.holdGrant,
    ClientCredentials: options.holdServiceToken,
  };
  const sessions = createSessionAdapter({
    ...options,
    identifiers,
    holds: (session) => holds('Session', session as BoundRecord),
  });
  return (model) => {
    if (model === 'Session') return sessions;
    const plain: Adapter = {
      async find(id) {
        const stored = await read(model, identifiers.keyOf(id));
        if (stored === undefined || !(await holds(model, stored as BoundRecord))) return undefined;
        if (toldOfEnd.has(model) && Number(stored.exp) * 1000 <= now()) return undefined;
        const hold = held[model];
        const record = hold === undefined ? stored : await hold(stored);
        if (record === undefined) return undefined;
        if (model === 'RefreshToken' && isRepeated(record, now())) return undefined;
        if (model === 'Interaction' && isFinishedElsewhere(record, options.browser)) return undefined;
        if (model === 'AuthorizationCode') noteRedirectUri(record);
        const found = { ...record, jti: id };
        return (model === 'Interaction' ? interactionOf(found, identifiers) : found) as AdapterPayload;
      },
      async upsert(id, payload, ttlSeconds) {
        const record = recordOf(model, id, payload, identifiers);
        if (model === 'PushedAuthorizationRequest') refuseLarge(record);
        if (model === 'DeviceCode') refuseLargeDevice(record);
        const bytes = strangersBytes(model, record);
        if (bytes > 0) options.takeForStranger(bytes);
        const seconds = isOfNobody(model, record) ? Math.min(ttlSeconds ?? NOBODY_SECONDS, NOBODY_SECONDS) : ttlSeconds;
        const more = toldOfEnd.has(model) && endsWithAccount(Provider.ctx, record.exp, now()) ? TOLD_FOR_MS : 0;
        const expiresAt = seconds === undefined ? undefined : now() + seconds * 1000 + more;
        if (model !== 'ReplayDetection') {
          const putting = records.put(model, identifiers.keyOf(id), record, expiresAt);
          return knownByAnswer.has(model) ? beforeAnswer(putting) : putting;
        }
        if (!(await records.insert(model, recordKeyOf(id), record, expiresAt, now())))
          throw new errors.InvalidRequest('used');
      },
      async consume(id) {
        if (await records.consume(model, identifiers.keyOf(id), now())) return;
        if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was already used');
        const record = await records.find(model, identifiers.keyOf(id), now());
        if (exchangedOnce.has(model) && record?.grantId !== undefined) {
          // The request that lost the race is a replay like any later one, so the winner's tokens end too.
          const { grantId, clientId, accountId } = record;
          await revokeGrant(records, grantId, options.replayed(grantId, String(clientId), accountId));
        }
        throw new errors.InvalidGrant('already used');
      },
      // A Grant goes with everything that was issued under it.
      destroy(id) {
        if (model === 'Grant') return revokeGrant(records, id, replayOf(id));
        const destroying = records.destroy(model, recordKeyOf(id));
        return model === 'Interaction' ? beforeAnswer(destroying) : destroying;
      },
      revokeByGrantId: (grantId) => revokeGrant(records, grantId, replayOf(grantId)),
      async findByUid() {
        return undefined; // only sessions have a uid
      },
      async findByUserCode() {
        return undefined; // only device codes have one
      },
    };
    if (model !== 'DeviceCode') return plain;
    return createDeviceCodeAdapter({ ...options, index: options.deviceCodes, identifiers }, plain);
  };
}

/** So that a refusal can name both: the library forgets the code that it refuses. */
function noteRedirectUri({ redirectUri }: ProtocolRecord): void {
  const memory = memoryOfRequest();
  if (memory !== undefined && typeof redirectUri === 'string') memory.codeRedirectUri = redirectUri;
}

function createIdentifiers(): Identifiers {
  // The random prefix never leaves this process. Without it, a person who reads keys in the database could present one
  // as an identifier.
  const start = `${randomUUID()}:`;
  return {
    keyOf: (identifier) => (identifier.startsWith(start) ? identifier.slice(start.length) : recordKeyOf(identifier)),
    handleOf: (key) => start + key,
  };
}
