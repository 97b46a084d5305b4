/**
 * What happened under an incident number, in words that are all known beforehand: nothing that a request brought along is
 * kept but the id of a registered application, so that no secret, code or address can stand in it.
 */
import { type RefusalCode, refusalCodes } from '../clients/refusals/refusal.ts';

/** Error pages of ours, by their reason (http/http-error.ts). */
const pageReasons = [
  'missing',
  'not-allowed',
  'method',
  'cross-site',
  'malformed',
  'too-large',
  'too-slow',
  'too-many',
  'busy',
  'away',
  'expired',
  'no-cookies',
  'bug',
] as const;
/** Requests of applications that end on a page, and sign-ins that are refused although the proof was right. */
const applicationKinds = [
  'request-refused',
  'application-expired',
  'application-disabled',
  'application-pending',
  'not-open-to-person',
  'account-closed',
] as const;
const incidentKinds = [...pageReasons, ...applicationKinds] as const;
export type IncidentKind = (typeof incidentKinds)[number];
export type PageReason = (typeof pageReasons)[number];

/** `id`: as the page shows it, 10 hexadecimal digits. `at`: epoch ms. */
export type Incident = {
  id: string;
  at: number;
  kind: IncidentKind;
  /** the pattern of the page's address, such as `/account/email` */
  page?: string;
  /** id of a registered application */
  client?: string;
  /** id of the person who was signed in, or had typed the right password */
  account?: string;
  /** of an application's request */
  refusal?: RefusalCode;
};

/** How long one is found. */
export const INCIDENTS_KEPT_MS = 14 * 24 * 3_600_000;

const LONGEST_PAGE = 100;
const LONGEST_ID = 300;

/** An incident number as people read it out: in capitals, with spaces or dashes. Undefined: it is none. */
export function incidentNumberIn(typed: string): string | undefined {
  const number = typed
    .normalize('NFKC')
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .toLowerCase();
  return /^[0-9a-f]{10}$/.test(number) ? number : undefined;
}

/** What may be stored of it: known words, and ids within their bounds. Undefined: it has no number that a page shows. */
export function storableIncident(incident: Incident): Incident | undefined {
  const { id, at, kind, page, client, account, refusal } = incident;
  if (!/^[0-9a-f]{10}$/.test(id) || !incidentKinds.includes(kind)) return undefined;
  const isPattern =
    page !== undefined && page.length <= LONGEST_PAGE && /^(?:\/:?[a-z][a-zA-Z0-9.-]*)+$|^\/$/.test(page);
  const isId = (text: string | undefined): text is string => text !== undefined && text.length <= LONGEST_ID;
  return {
    id,
    at,
    kind,
    ...(isPattern ? { page } : {}),
    ...(isId(client) ? { client: client.toWellFormed() } : {}),
    ...(isId(account) ? { account: account.toWellFormed() } : {}),
    ...(refusal !== undefined && refusalCodes.includes(refusal) ? { refusal } : {}),
  };
}
