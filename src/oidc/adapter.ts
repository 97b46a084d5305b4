/** The library's records on our port: identifiers only as hashes, races settled by the port, what is stale not found. */
import { randomUUID } from 'node:crypto';
import Provider, { type Adapter, type AdapterFactory, type AdapterPayload, errors } from 'oidc-provider';
import type { Accounts } from '../domain/ports/accounts.ts';
import type { ProtocolRecord, ProtocolRecords, SessionRecord } from '../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../domain/ports/record-key.ts';
import { type BoundRecord, stillHolds } from './policy.ts';
import { memoryOfRequest, readAccount, revokeGrant } from './request.ts';

/** Seconds in which a second use of a rotated refresh token is taken for a repeated request (rule 16). */
const REPEAT_SECONDS = 10;

/** Records that die with the account's end and with its epoch (rule 12). */
const boundToAccount = new Set(['Session', 'Grant', 'AuthorizationCode', 'AccessToken', 'RefreshToken']);
const tokens = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken']);

export type AdapterOptions = {
  accounts: Pick<Accounts, 'findById'>;
  records: ProtocolRecords;
  sessionMaxSeconds: number;
  now: () => number;
  /** key of the browser that asks now (interaction.ts); undefined where it has no cookie yet */
  browser: () => string | undefined;
  /** the library is about to end it, and must not where this throws */
  beforeSessionEnds: (session: SessionRecord) => Promise<void>;
  /** the library ended it; `seen` as this request had read it */
  onSessionEnded: (ended: SessionRecord, seen: SessionRecord | undefined) => Promise<void>;
  /** a code was used again at the same moment */
  onReplay: (record: ProtocolRecord) => void;
};

/** An adapter for each of the library's models. */
export function createAdapterFactory(options: AdapterOptions): AdapterFactory {
  const { accounts, records, now } = options;
  // Stands for an identifier that is known only as its key. Its random start never leaves this process, so that nobody
  // who reads keys in the database can present one as an identifier.
  const handleOfKey = `${randomUUID()}:`;
  const resolve = (identifier: string) =>
    identifier.startsWith(handleOfKey) ? identifier.slice(handleOfKey.length) : recordKeyOf(identifier);

  async function holds(model: string, record: BoundRecord): Promise<boolean> {
    if (!boundToAccount.has(model) || record.accountId === undefined) return true;
    const account = await readAccount(accounts, record.accountId);
    return stillHolds(record, account, now(), options.sessionMaxSeconds);
  }

  return (model) => {
    if (model === 'Session') return sessionAdapter();
    return {
      async find(id) {
        const record = await records.find(model, resolve(id), now());
        if (record === undefined || !(await holds(model, record as BoundRecord))) return undefined;
        if (model === 'RefreshToken' && isRepeated(record, now())) return undefined;
        if (model === 'Interaction' && isFinishedElsewhere(record, options.browser)) return undefined;
        const found = { ...record, jti: id };
        return (model === 'Interaction' ? interactionOf(found, handleOfKey) : found) as AdapterPayload;
      },
      async upsert(id, payload, ttlSeconds) {
        const record = recordOf(model, id, payload, resolve);
        const expiresAt = ttlSeconds === undefined ? undefined : now() + ttlSeconds * 1000;
        if (model !== 'ReplayDetection') return records.put(model, recordKeyOf(id), record, expiresAt);
        if (!(await records.insert(model, recordKeyOf(id), record, expiresAt, now())))
          throw new errors.InvalidRequest('used');
      },
      async consume(id) {
        if (await records.consume(model, resolve(id), now())) return;
        if (model === 'PushedAuthorizationRequest') throw new errors.InvalidRequestUri('request_uri was already used');
        const record = await records.find(model, resolve(id), now());
        if (model === 'AuthorizationCode' && record?.grantId !== undefined) {
          // whoever lost the race is a replay like any later one: the winner's tokens end as well
          await revokeGrant(records, record.grantId);
          options.onReplay(record);
        }
        throw new errors.InvalidGrant('already used');
      },
      // a Grant goes with all that came from it
      destroy: (id) => (model === 'Grant' ? revokeGrant(records, id) : records.destroy(model, recordKeyOf(id))),
      revokeByGrantId: (grantId) => revokeGrant(records, grantId),
      async findByUid() {
        return undefined; // sessions only
      },
      async findByUserCode() {
        return undefined; // the device flow is off
      },
    };
  };

  function sessionAdapter(): Adapter {
    return {
      async find(id) {
        const found = await records.findSession({ key: resolve(id) }, now());
        if (found === undefined || !(await holds('Session', found.record as BoundRecord))) return undefined;
        // a copy: the library changes what it is given in place, and the next write is compared with what was read
        memoryOfRequest()?.sessions.set(found.record.uid, structuredClone(found));
        return { ...found.record, jti: id } as AdapterPayload;
      },
      async findByUid(uid) {
        const found = await records.findSession({ uid }, now());
        if (found === undefined || !(await holds('Session', found.record as BoundRecord))) return undefined;
        return { ...found.record, jti: handleOfKey + found.key } as AdapterPayload;
      },
      async upsert(id, payload, ttlSeconds) {
        const { jti: _jti, ...record } = payload as AdapterPayload & SessionRecord;
        // a visitor who is nobody yet is not stored, unless a logout form waits for its answer
        if (
          record.accountId === undefined &&
          record.state === undefined &&
          !memoryOfRequest()?.sessions.has(record.uid)
        )
          return;
        const memory = memoryOfRequest();
        refuseUntold(memory?.notices.values());
        const read = memory?.sessions.get(record.uid);
        const key = resolve(id);
        const outcome = await records.saveSession({
          key,
          record,
          ...(read === undefined ? {} : { read: read.record, readKey: read.key, readRevision: read.revision }),
          expiresAt: now() + (ttlSeconds ?? 0) * 1000,
          now: now(),
        });
        if (outcome === 'gone') refuseOnEndedSession();
        memory?.sessions.set(record.uid, { key, record: structuredClone(record) });
      },
      async destroy(id) {
        const session = Provider.ctx?.oidc?.session as { uid: string; id: string; oldId?: string } | undefined;
        // the library renews an identifier by destroying the old one and writing the new; for us that is one write
        if (session !== undefined && session.oldId === id && session.id !== id) return;
        const current = session?.id === id ? session : undefined;
        const seen =
          current === undefined
            ? await records.findSession({ key: resolve(id) }, now())
            : memoryOfRequest()?.sessions.get(current.uid);
        // the library goes on where a notice could not be stored: what it left is stored now, or the session stays
        if (seen !== undefined) await options.beforeSessionEnds(seen.record);
        const uid = seen?.record.uid ?? current?.uid;
        const ended = uid === undefined ? undefined : await records.destroySession(uid, now());
        // what this request had read is the library's to revoke; what joined meanwhile, nobody's
        if (ended !== undefined)
          await options.onSessionEnded(ended, memoryOfRequest()?.sessions.get(ended.uid)?.record);
      },
      async consume() {},
      async revokeByGrantId() {},
      async findByUserCode() {
        return undefined;
      },
    };
  }
}

/** Ended while this request was under way: what it was about to answer must not leave, and nothing is written again. */
function refuseOnEndedSession(): never {
  const session = Provider.ctx?.oidc?.session as { destroyed?: boolean } | undefined;
  if (session !== undefined) session.destroyed = true;
  throw new errors.LoginRequired('the session has ended');
}

/** Whoever signs out of one application alone keeps it until its notice is stored. @throws why it is not */
function refuseUntold(notices: Iterable<{ stored: true } | { stored: false; error: unknown }> = []): void {
  for (const notice of notices) if (!notice.stored) throw notice.error;
}

/** What is stored of a model: no identifier that opens anything, and the epoch of the sign-in it descends from. */
function recordOf(
  model: string,
  id: string,
  payload: AdapterPayload,
  resolve: (identifier: string) => string,
): ProtocolRecord {
  const { jti: _jti, ...rest } = payload as AdapterPayload & Record<string, unknown>;
  const record = rest as ProtocolRecord;
  if (model === 'Grant') record.grantId = id;
  if (model === 'Interaction') {
    delete record.grantId; // not a token of that grant: revoking it must not end what the visitor is doing
    const { cookie: _cookie, ...session } = (record.session ?? {}) as Record<string, unknown>;
    // a session that opens nothing is nobody's: the page begins with the whole sign-in
    const closed = (record.prompt as { reasons?: string[] } | undefined)?.reasons?.includes('account_closed');
    if (closed) delete record.session;
    else if (record.session !== undefined) record.session = session;
    const { returnTo, parJti } = record as { returnTo?: string; parJti?: string };
    if (returnTo?.endsWith(id)) record.returnTo = returnTo.slice(0, -id.length); // ends with the identifier
    if (parJti !== undefined) record.parJti = resolve(parJti);
  }
  if (tokens.has(model)) {
    const epoch = (Provider.ctx?.oidc?.entities.Grant as { epoch?: number } | undefined)?.epoch;
    if (epoch !== undefined) record.epoch = epoch;
  }
  return record;
}

/** What `recordOf` left out of an interaction, put back by whoever holds its identifier. */
function interactionOf(record: ProtocolRecord & { jti: string }, handleOfKey: string): ProtocolRecord {
  const { returnTo, parJti } = record as { returnTo?: string; parJti?: string };
  return {
    ...record,
    ...(returnTo?.endsWith('/') ? { returnTo: returnTo + record.jti } : {}),
    ...(parJti === undefined ? {} : { parJti: handleOfKey + parJti }),
  };
}

/**
 * A sign-in is resumed in the browser in which it was done. The cookies that name an interaction are bound to a path, so
 * that a neighbouring host can plant its own: without this, somebody signs in here and a stranger goes on elsewhere.
 */
function isFinishedElsewhere(record: ProtocolRecord, browser: () => string | undefined): boolean {
  if (record.browser === undefined || record.result === undefined || Provider.ctx?.oidc?.route !== 'resume')
    return false;
  return record.browser !== browser();
}

function isRepeated(record: ProtocolRecord, now: number): boolean {
  const { consumed } = record;
  return (
    typeof consumed === 'number' &&
    Provider.ctx?.oidc?.route === 'token' &&
    Math.floor(now / 1000) - consumed <= REPEAT_SECONDS
  );
}
