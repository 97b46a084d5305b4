/** What an operation of the API is: one entry of the table from which router, document, page and tests are made. */
import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Account } from '../../domain/account/account.ts';
import type { Language } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import type { AuditAction } from '../../domain/audit/audit-entry.ts';
import type { Preset } from '../../domain/clients/presets/preset.ts';
import type { Provider } from '../../domain/clients/presets/preset-rendering.ts';
import type { Refusal } from '../../domain/clients/refusals/refusal.ts';
import type { RefusalInWords } from '../../domain/clients/refusals/refusal-words.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { Storage } from '../../domain/ports/storage.ts';
import type { RandomBytes } from '../../domain/random.ts';
import type { Permission } from '../../domain/roles/permissions.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import type { KeySchedule } from '../../domain/signing-keys/signing-key-schedule.ts';
import type { Actor } from '../../use-cases/actor.ts';
import type { EditPorts } from '../../use-cases/clients/edit-client.ts';
import type { FetchKeys } from '../../use-cases/clients/fetch-keys.ts';
import type { FetchedLogo } from '../../use-cases/clients/fetch-logo.ts';
import type { PreviewPorts } from '../../use-cases/clients/preview-release.ts';
import type { ImportPorts } from '../../use-cases/import/administer-imports.ts';
import type { IfMatch } from './precondition.ts';
import type { ProblemCode } from './problem.ts';

/** What operations work with; the composition root gives it. */
export type ApiParts = {
  issuer: string;
  storage: Storage;
  sealer: Sealer;
  organisations: Organisation[];
  now: () => number;
  randomBytes: RandomBytes;
  /** The catalogue, the installation's own presets included. */
  presets: () => readonly (Preset & { own: boolean })[];
  /** A refusal in English. */
  refusalInWords: (refusal: Refusal) => RefusalInWords;
  /** Both are guarded (rule 18) and follow no redirect; a webhook has more time to answer. */
  fetch: (uri: string, init?: RequestInit) => Promise<Response>;
  callWebhook: (uri: string, init: RequestInit) => Promise<Response>;
  fetchLogo: (uri: string) => Promise<FetchedLogo>;
  fetchKeys: FetchKeys;
  /** By what a preview makes values as tokens have them. */
  previewing: Pick<PreviewPorts, 'domain' | 'pairwise'>;
  /** What the texts of presets are filled with, in English. */
  provider: () => Provider;
  keySchedule: KeySchedule;
  importing: ImportPorts;
  /** of people of whom a source says none */
  defaultLanguage: Language;
  invitationSeconds: number;
  /** Called with accounts as they were written, so that what follows from it happens at once. */
  dispatchEffects: (...accounts: Account[]) => void;
  /** Where people are signed in, last used first. Times in epoch ms. */
  openSessions: {
    list(accountId: string): Promise<
      {
        since: number;
        usedAt?: number;
        amr: string[];
        place: { agent?: string; network?: string };
        clients: string[];
      }[]
    >;
  };
  /** Why requests that use the record would be refused, or what it names that is not there; undefined: it can be used. */
  judge: EditPorts['judge'];
  /** Called after a client was changed, so that this node knows it at once. */
  onClientChanged: () => void;
};

export type Asked<Query, Body> = {
  actor: Actor;
  /** scopes of the token */
  scopes: readonly string[];
  path: Record<string, string>;
  query: Query;
  body: Body;
  /** of operations that take a file; its type is one of theirs */
  upload: Readable | undefined;
  /** of operations that change what they name */
  ifMatch: IfMatch;
  /** of lists */
  limit: number;
  /** of lists: what `next` of the page before was */
  after: JsonValue | undefined;
};

/** A file as it comes; `name`: what it is saved as. */
export type SentFile = { type: string; name: string; text: AsyncIterable<string> };

/** `file`: in place of a body. `next`: of a list that goes on. `revision`: becomes the ETag. `location`: under the API, of what was made. */
export type Answer = {
  body?: unknown;
  file?: SentFile;
  status?: number;
  next?: JsonValue | undefined;
  revision?: number;
  location?: string;
};

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export type Operation = {
  operationId: string;
  method: Method;
  /** under `/api/v1`; `{id}` stands for a segment */
  path: string;
  /** the group under which the documents show it */
  tag: string;
  /** one sentence */
  summary: string;
  description?: string;
  /** What the service needs at the organisation of the object. `none`: anybody reads it; `any`: any token that holds. */
  permission: Permission | 'none' | 'any';
  query?: z.ZodObject;
  /** that of a list: it has `limit` and `cursor`, and its answer `items` */
  list?: true;
  body?: z.ZodType;
  /** the body is a file of one of these types, read as it comes */
  upload?: readonly string[];
  /** the answer is a file of one of these types */
  file?: readonly string[];
  /** what the document says of the body, where that is more than its check; absent: the same */
  bodyShown?: z.ZodType;
  /** the status where it is done, and what the body then is; absent: no body */
  status: 200 | 201 | 202 | 204;
  answer?: z.ZodType;
  /** a POST of what is there already is answered 200, with what is there */
  mayBeThere?: true;
  /** it changes what it names, so `If-Match` is required */
  ifMatch?: true;
  /** its answer has an ETag */
  etag?: true;
  /** beyond those that every operation may answer with */
  problems?: ProblemCode[];
  /** it is a POST for its body alone, and changes nothing */
  reads?: true;
  /** the entry that it leaves where it changed something; of every operation that does not only read */
  audit?: AuditAction;
  /** members of the answer that a repetition with the same Idempotency-Key leaves out */
  secrets?: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: `operation` binds the two to the schemas
  act: (asked: Asked<any, any>, parts: ApiParts) => Promise<Answer>;
};

type Shaped<Query extends z.ZodObject, Body extends z.ZodType> = Omit<Operation, 'query' | 'body' | 'act'> & {
  query?: Query;
  body?: Body;
  act: (asked: Asked<z.output<Query>, z.output<Body>>, parts: ApiParts) => Promise<Answer>;
};

/** An entry of the table, whose `act` is given what its schemas say. */
export function operation<Query extends z.ZodObject, Body extends z.ZodType>(given: Shaped<Query, Body>): Operation {
  return given;
}

/**
 * Whether a request may carry an Idempotency-Key: a POST that is not the same when it is sent twice. A file is only planned, and its
 * bytes are not there to be compared.
 */
export const takesKey = ({ method, reads, upload }: Pick<Operation, 'method' | 'reads' | 'upload'>): boolean =>
  method === 'POST' && reads !== true && upload === undefined;
