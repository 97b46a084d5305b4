/** Decides what is stored of the library's models (no identifier that opens anything) and what a reader gets back. */
import Provider, { type AdapterPayload, errors } from 'oidc-provider';
import type { ProtocolRecord } from '../../domain/ports/protocol-records.ts';
import { LARGEST_REQUEST } from './stored-for-strangers.ts';

/**
 * Within this time, a second use of a rotated refresh token counts as a repeated request, not as a replay (rule 16).
 */
export const REPEAT_SECONDS = 10;
const tokens = new Set(['AuthorizationCode', 'DeviceCode', 'AccessToken', 'RefreshToken']);

export type Identifiers = {
  /** The storage key of a record, by its identifier or its handle. */
  keyOf(identifier: string): string;
  /** A handle that stands for an identifier of which only the key is known. */
  handleOf(key: string): string;
};

/**
 * The record to store: without identifiers that open anything, and with the epoch of the sign-in that it descends
 * from.
 */
export function recordOf(model: string, id: string, payload: AdapterPayload, { keyOf }: Identifiers): ProtocolRecord {
  const { jti: _jti, ...rest } = payload as AdapterPayload & Record<string, unknown>;
  const record = rest as ProtocolRecord;
  if (model === 'Grant') {
    record.grantId = id;
    delete record.rejected; // made anew at each use (allowance.ts)
  }
  if (model === 'Interaction') {
    delete record.grantId; // it is not a token of that grant: a revocation must not end the visitor's interaction
    const { cookie: _cookie, ...session } = (record.session ?? {}) as Record<string, unknown>;
    // A closed session belongs to no account, so the page starts with the whole sign-in.
    const closed = (record.prompt as { reasons?: string[] } | undefined)?.reasons?.includes('account_closed');
    if (closed) delete record.session;
    else if (record.session !== undefined) record.session = session;
    const { returnTo, parJti, deviceCode } = record as InteractionLinks;
    if (returnTo?.endsWith(id)) record.returnTo = returnTo.slice(0, -id.length); // it ends with the identifier
    if (parJti !== undefined) record.parJti = keyOf(parJti);
    if (deviceCode !== undefined) record.deviceCode = keyOf(deviceCode);
  }
  if (tokens.has(model)) {
    const epoch = (Provider.ctx?.oidc?.entities.Grant as { epoch?: number } | undefined)?.epoch;
    if (epoch !== undefined) record.epoch = epoch;
  }
  return record;
}

/** Members of an interaction that name other records. */
type InteractionLinks = { returnTo?: string; parJti?: string; deviceCode?: string };

/** Restores the members that `recordOf` removed from an interaction. The caller has its identifier. */
export function interactionOf(record: ProtocolRecord & { jti: string }, { handleOf }: Identifiers): ProtocolRecord {
  const { returnTo, parJti, deviceCode } = record as InteractionLinks;
  return {
    ...record,
    ...(returnTo?.endsWith('/') ? { returnTo: returnTo + record.jti } : {}),
    ...(parJti === undefined ? {} : { parJti: handleOf(parJti) }),
    ...(deviceCode === undefined ? {} : { deviceCode: handleOf(deviceCode) }),
  };
}

/**
 * Whether the sign-in was done in another browser. It must be resumed in the same one. The cookies that name an
 * interaction are bound to a path, so a neighbouring host can plant its own. Without this check, one person could sign
 * in here and a stranger would continue elsewhere.
 */
export function isFinishedElsewhere(record: ProtocolRecord, browser: () => string | undefined): boolean {
  const resumes = ['resume', 'device_resume'].includes(Provider.ctx?.oidc?.route ?? '');
  if (record.browser === undefined || record.result === undefined || !resumes) return false;
  return record.browser !== browser();
}

/** Whether a consumed refresh token is used again within `REPEAT_SECONDS`. `now` in ms. */
export function isRepeated(record: ProtocolRecord, now: number): boolean {
  const { consumed } = record;
  return (
    typeof consumed === 'number' &&
    Provider.ctx?.oidc?.route === 'token' &&
    Math.floor(now / 1000) - consumed <= REPEAT_SECONDS
  );
}

/** How long a request waits for somebody who has typed nothing yet (rule 30). From then on it lasts as configured. */
export const NOBODY_SECONDS = 20 * 60;

/** Whether nobody has signed in or proven anything in this interaction: it may be a machine that fills the disk. */
export function isOfNobody(model: string, record: ProtocolRecord): boolean {
  if (model !== 'Interaction' || record.result !== undefined) return false;
  const { session, pending } = record as { session?: { accountId?: string }; pending?: { proven?: unknown } };
  return session?.accountId === undefined && pending?.proven === undefined;
}

/**
 * How many bytes a stranger is about to store: a new interaction, a pushed request or a device of an application without
 * credentials, or a form that confirms signing out. 0: the record is not a stranger's, or is there already.
 */
export function strangersBytes(model: string, record: ProtocolRecord): number {
  const stranger =
    model === 'Interaction'
      ? isOfNobody(model, record) && record.pending === undefined && record.browser === undefined
      : isBegun(model) && Provider.ctx?.oidc?.client?.clientAuthMethod === 'none';
  const beside = model === 'DeviceCode' ? USER_CODE_BYTES : 0;
  return stranger ? Buffer.byteLength(JSON.stringify(record)) + beside : 0;
}

/** What the row of a code that people type takes, with its indexes. */
const USER_CODE_BYTES = 300;

function isBegun(model: string): boolean {
  const begins = model === 'DeviceCode' && Provider.ctx?.oidc?.route === 'device_authorization';
  return model === 'PushedAuthorizationRequest' || begins;
}

/**
 * What a device asks for is stored until it is answered, and then again in the interaction.
 * @throws the library's InvalidRequest
 */
export function refuseLargeDevice({ params }: ProtocolRecord): void {
  if (Buffer.byteLength(JSON.stringify(params ?? {})) > LARGEST_REQUEST)
    throw new errors.InvalidRequest('the request is too large');
}

/**
 * A pushed request is stored until it is used, and then again in the interaction. What it may say is bounded as in a
 * URL; the library takes more, because it may carry credentials as well.
 * @throws the library's InvalidRequest
 */
export function refuseLarge({ request }: ProtocolRecord): void {
  if (typeof request !== 'string') return;
  const [header = '', payload = '', signature = ''] = request.split('.');
  // The library wraps plain parameters in an unsigned JWT, whose base64 is a third longer.
  const bytes = signature === '' ? Buffer.byteLength(payload, 'base64url') : header.length + payload.length;
  if (bytes > LARGEST_REQUEST) throw new errors.InvalidRequest('the request is too large');
}
