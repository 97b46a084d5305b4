/** What is stored of the library's models: no identifier that opens anything, and what a reader of it is told. */
import Provider, { type AdapterPayload } from 'oidc-provider';
import type { ProtocolRecord } from '../domain/ports/protocol-records.ts';

/** Seconds in which a second use of a rotated refresh token is taken for a repeated request (rule 16). */
const REPEAT_SECONDS = 10;
const tokens = new Set(['AuthorizationCode', 'AccessToken', 'RefreshToken']);

export type Identifiers = {
  /** under what a record is stored, by its identifier or by a handle of it */
  keyOf(identifier: string): string;
  /** stands for an identifier that is known only as its key */
  handleOf(key: string): string;
};

/** What is stored of a model: no identifier that opens anything, and the epoch of the sign-in it descends from. */
export function recordOf(model: string, id: string, payload: AdapterPayload, { keyOf }: Identifiers): ProtocolRecord {
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
    if (parJti !== undefined) record.parJti = keyOf(parJti);
  }
  if (tokens.has(model)) {
    const epoch = (Provider.ctx?.oidc?.entities.Grant as { epoch?: number } | undefined)?.epoch;
    if (epoch !== undefined) record.epoch = epoch;
  }
  return record;
}

/** What `recordOf` left out of an interaction, put back by whoever holds its identifier. */
export function interactionOf(record: ProtocolRecord & { jti: string }, { handleOf }: Identifiers): ProtocolRecord {
  const { returnTo, parJti } = record as { returnTo?: string; parJti?: string };
  return {
    ...record,
    ...(returnTo?.endsWith('/') ? { returnTo: returnTo + record.jti } : {}),
    ...(parJti === undefined ? {} : { parJti: handleOf(parJti) }),
  };
}

/**
 * A sign-in is resumed in the browser in which it was done. The cookies that name an interaction are bound to a path, so
 * that a neighbouring host can plant its own: without this, somebody signs in here and a stranger goes on elsewhere.
 */
export function isFinishedElsewhere(record: ProtocolRecord, browser: () => string | undefined): boolean {
  if (record.browser === undefined || record.result === undefined || Provider.ctx?.oidc?.route !== 'resume')
    return false;
  return record.browser !== browser();
}

export function isRepeated(record: ProtocolRecord, now: number): boolean {
  const { consumed } = record;
  return (
    typeof consumed === 'number' &&
    Provider.ctx?.oidc?.route === 'token' &&
    Math.floor(now / 1000) - consumed <= REPEAT_SECONDS
  );
}
