/**
 * Holds what a service was granted by token exchange to what it was exchanged from: the grant of the person, at that moment,
 * and the registrations of all who have a part in it. When any of that ends, it ends.
 */
import { errors, type Grant, type KoaContextWithOIDC, type Provider } from 'oidc-provider';
import { type Exchange, exchangedScopes } from '../../domain/clients/resources/exchanges.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import type { ProtocolRecord, ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import { recordKeyOf } from '../../domain/ports/record-key.ts';
import type { RefusalReason } from '../../domain/sign-in/reason.ts';
import { noteRefusal } from '../request.ts';
import type { Exchanged } from './releasing.ts';
import type { Resources } from './resources.ts';

/** What a Grant that was made by an exchange says of its source. */
export type ExchangeSource = Pick<Exchange, 'from' | 'resource'> & {
  /** the client to which the person signed in: `from`, or where the service acts through others, the first of all */
  origin: string;
  /** the grant of the subject token, which is another exchange where the service acts through others */
  grant: string;
  /** the API to which the subject token was made out; absent: to none */
  via?: string;
  /** uid of the session with which the subject token ends; absent: it outlives sessions */
  session?: string;
};

type Stored = ProtocolRecord & { resources?: Record<string, string>; exchange?: ExchangeSource };

/** Grants live a little longer than the longest token that is issued under them. */
const EXCHANGE_GRANT_SECONDS = 660;

/** Undefined: the grant was not made by an exchange. */
export function exchangeOf(grant: object): ExchangeSource | undefined {
  return (grant as Stored).exchange;
}

/** What the release of a token of this request needs to know, if it was made by an exchange. @throws the library's InvalidTarget */
export async function exchangedFor({ oidc }: KoaContextWithOIDC): Promise<Exchanged | undefined> {
  const source = oidc.entities.Grant && exchangeOf(oidc.entities.Grant);
  if (source === undefined) return undefined;
  const { origin: id, via } = source;
  const origin = await oidc.provider.Client.find(id);
  if (origin === undefined) throw new errors.InvalidTarget(); // gone within this request
  return { origin, ...(via === undefined ? {} : { via }) };
}

export function createExchangeHold(options: {
  records: Pick<ProtocolRecords, 'find' | 'findSession'>;
  resources: Pick<Resources, 'byIdentifier' | 'mayAsk'>;
  now: () => number;
  /** As it is allowed now (allowance.ts). */
  holdGrant: (grant: ProtocolRecord) => Promise<ProtocolRecord | undefined>;
}) {
  const { records, now } = options;

  async function sessionHolds({ session, from, grant }: ExchangeSource, accountId: unknown): Promise<boolean> {
    if (session === undefined) return true;
    const found = await records.findSession({ uid: session }, now());
    return found?.record.accountId === accountId && found?.record.authorizations?.[from]?.grantId === grant;
  }

  const refused = (because: RefusalReason): undefined => void noteRefusal(because);

  /** `acting`: the service, which is registered and has not expired. Undefined: the grant is none any longer. */
  return async (
    stored: ProtocolRecord,
    acting: ClientRecord,
    source: ExchangeSource,
  ): Promise<ProtocolRecord | undefined> => {
    const parent = await records.find('Grant', recordKeyOf(source.grant), now());
    const sameEpoch =
      parent !== undefined && (parent as { epoch?: number }).epoch === (stored as { epoch?: number }).epoch;
    if (!sameEpoch || parent.accountId !== stored.accountId || !(await sessionHolds(source, stored.accountId)))
      return refused('subject-token-refused');
    const held = (await options.holdGrant(parent)) as Stored | undefined;
    if (held === undefined) return undefined;
    const found = await options.resources.byIdentifier(source.resource);
    if (found === undefined) return refused('resource-unknown');
    const first = source.via === undefined ? undefined : await options.resources.byIdentifier(source.via);
    const asked = source.via === undefined || exchangeOf(parent) !== undefined;
    if (!asked && !(await options.resources.mayAsk(source.from, first))) return refused('resource-not-allowed');
    const words = source.via === undefined ? '' : (held.resources?.[source.via] ?? '');
    const scopes = exchangedScopes(acting, source.from, found.server, words.split(' '));
    if (scopes === undefined) return refused('exchange-not-allowed');
    return { ...stored, openid: { scope: '', claims: [] }, resources: { [source.resource]: scopes.join(' ') } };
  };
}

/** A new grant of a person to a service, until the token that is issued under it has ended. */
export function exchangeGrant(
  { Grant: Model }: Provider,
  given: { accountId: string; clientId: string; epoch: number | undefined; source: ExchangeSource; scopes: string[] },
  now: number,
): Grant {
  const { accountId, clientId, epoch, source, scopes } = given;
  const grant = new Model({ accountId, clientId });
  Object.assign(grant, { exchange: source, ...(epoch === undefined ? {} : { epoch }) });
  grant.exp = Math.floor(now / 1000) + EXCHANGE_GRANT_SECONDS;
  grant.addResourceScope(source.resource, scopes);
  return grant;
}
