/** Operations on imports: a file is planned, looked at, and applied. */
import { z } from 'zod';
import { CutOff } from '../../../http/body-time.ts';
import type { Actor } from '../../../use-cases/actor.ts';
import {
  beginApply,
  beginPlan,
  listImports,
  reportPart,
  type ViewedImport,
  viewImport,
} from '../../../use-cases/import/administer-imports.ts';
import { TooManyBytes } from '../../../use-cases/import/bounded.ts';
import type { ImportEvent } from '../../../use-cases/import/import-event.ts';
import { refusedText } from '../../../use-cases/import/quarantine.ts';
import { reportText } from '../../../use-cases/import/report.ts';
import { applyAskedShape, importBegunShape, importEventList, importList, importShape } from '../import-schemas.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { Refused } from '../problem.ts';
import { identifier, timeOf } from '../schemas.ts';

const tag = 'Imports';
const flag = z.enum(['true', 'false']).optional();
const feedTypes = ['text/csv', 'application/x-ndjson', 'application/jsonl', 'text/ldif'];

const list = operation({
  operationId: 'listImports',
  method: 'GET',
  path: '/imports',
  tag,
  summary: 'Lists the imports of the last 30 days, the newest first.',
  permission: 'imports:read',
  query: z.strictObject({ ...pageQuery, source: identifier.optional() }),
  list: true,
  status: 200,
  answer: importList,
  async act({ actor, query, limit, after }, { importing }) {
    const asked = { source: query.source, limit, after: typeof after === 'number' ? after : 0 };
    const found = await listImports(actor, asked, importing);
    if (found.kind === 'not-found') throw refused(found.kind);
    return { body: { items: found.imports.map(shown) }, next: found.next };
  },
});

const planned = operation({
  operationId: 'planImport',
  method: 'POST',
  path: '/imports',
  tag,
  summary: 'Plans what a file of a source would change, and changes nothing.',
  description:
    'CSV, JSON lines or LDIF, as `pedel people import` reads them, 512 MB at most. Answered once the whole file was read; what it comes to is found under Location soon after.',
  permission: 'imports:write',
  query: z.strictObject({
    source: identifier.meta({ description: 'one of the configured sources' }),
    partial: flag.meta({ description: 'true: the file names only some, although the source is configured as full' }),
    with_credentials: flag.meta({
      description: 'true: take credentials, of a source that may give them, for accounts that were never active',
    }),
  }),
  upload: feedTypes,
  status: 202,
  answer: importBegunShape,
  problems: ['conflict'],
  audit: 'import.planned',
  async act({ actor, query, upload }, { importing }) {
    if (upload === undefined) throw new TypeError('a plan is of a file');
    const asked = {
      source: query.source,
      partial: query.partial === 'true',
      withCredentials: query.with_credentials === 'true',
    };
    const begun = await beginPlan(actor, asked, upload, importing);
    if (begun.kind === 'begun') return { body: { id: begun.id }, location: `/imports/${begun.id}` };
    if (upload.errored instanceof TooManyBytes) throw new Refused('too-large', { detail: upload.errored.message });
    if (upload.errored instanceof CutOff) throw cutOff(upload.errored);
    if (begun.kind === 'unreadable') throw unreadable(begun.reason);
    if (begun.kind === 'failed') throw new Refused('failed', { detail: begun.reason });
    if (begun.kind === 'no-credentials') {
      const remedy = 'leave with_credentials out, or set credentials: true for this source in the configuration';
      const detail = 'this source may not give credentials';
      throw new Refused('invalid', {
        errors: [{ parameter: 'with_credentials', code: 'no-credentials', detail, remedy }],
      });
    }
    throw refused(begun.kind);
  },
});

const get = operation({
  operationId: 'getImport',
  method: 'GET',
  path: '/imports/{id}',
  tag,
  summary: 'Shows an import: how far it is, what it comes to, and what its safeguard asks.',
  permission: 'imports:read',
  status: 200,
  answer: importShape,
  async act({ actor, path }, { importing }) {
    const found = await viewImport(actor, path.id ?? '', 'imports:read', importing);
    if (found.kind !== 'found') throw refused(found.kind);
    return { body: shown(found.import) };
  },
});

const report = operation({
  operationId: 'getImportReport',
  method: 'GET',
  path: '/imports/{id}/report',
  tag,
  summary: 'Lists what comes of each person and of each refused row: fields from and to, and the last day of access.',
  description: 'Pages have up to 200 items, whatever `limit` says.',
  permission: 'imports:write',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: importEventList,
  async act({ actor, path, after }, parts) {
    const record = await recordOf(actor, path.id ?? '', parts);
    const { events, next } = await reportPart(record, typeof after === 'number' ? after : 0, parts.importing.imports);
    return { body: { items: events.map(shownEvent) }, next };
  },
});

const reportFile = operation({
  operationId: 'downloadImportReport',
  method: 'GET',
  path: '/imports/{id}/report.csv',
  tag,
  summary: 'The same as CSV, a row for each changed field.',
  permission: 'imports:write',
  file: ['text/csv'],
  status: 200,
  async act({ actor, path }, parts) {
    const record = await recordOf(actor, path.id ?? '', parts);
    const text = reportText(record, 'csv', parts.importing.imports);
    return { file: { type: 'text/csv; charset=utf-8', name: `report-${record.id}.csv`, text } };
  },
});

const refusedRows = operation({
  operationId: 'downloadRefusedRows',
  method: 'GET',
  path: '/imports/{id}/refused',
  tag,
  summary:
    'The refused records as the file had them, with line and reason, to be mended and imported with partial=true.',
  permission: 'imports:write',
  file: feedTypes,
  status: 200,
  async act({ actor, path }, parts) {
    const record = await recordOf(actor, path.id ?? '', parts);
    const type = { csv: 'text/csv', jsonl: 'application/x-ndjson', ldif: 'text/ldif' }[record.kind];
    const name = `refused-${record.id}.${record.kind}`;
    return { file: { type: `${type}; charset=utf-8`, name, text: refusedText(record, parts.importing.imports) } };
  },
});

const apply = operation({
  operationId: 'applyImport',
  method: 'POST',
  path: '/imports/{id}/apply',
  tag,
  summary: 'Applies what was planned, person by person, or goes on with what was broken off.',
  permission: 'imports:write',
  body: applyAskedShape,
  status: 202,
  answer: importBegunShape,
  problems: ['conflict'],
  audit: 'import.applied',
  async act({ actor, path, body }, { importing }) {
    const id = path.id ?? '';
    const begun = await beginApply(actor, id, { allowLosses: body.allow_losses }, importing);
    if (begun.kind === 'begun') return { body: { id }, location: `/imports/${id}` };
    if (begun.kind === 'state') throw new Refused('conflict', { detail: `it is ${begun.state}` });
    if (begun.kind === 'losses') {
      const detail = `${begun.losses} open accounts would lose access`;
      const remedy = `look at the report, then send allow_losses: ${begun.losses}`;
      throw new Refused('invalid', { detail, errors: [{ pointer: '/allow_losses', code: 'losses', detail, remedy }] });
    }
    throw refused(begun.kind);
  },
});

async function recordOf(actor: Actor, id: string, { importing }: ApiParts) {
  const found = await viewImport(actor, id, 'imports:write', importing);
  if (found.kind !== 'found') throw refused(found.kind);
  if (found.import.record === undefined) throw new Refused('not-found', { detail: `it is ${found.import.state}` });
  return found.import.record;
}

/** What was sent was not read to its end, and nothing came of it. */
const cutOff = ({ why, message }: CutOff): Refused =>
  why === 'node-ends'
    ? new Refused('unavailable', { detail: message, headers: { 'Retry-After': '5' } })
    : new Refused('too-slow', { detail: message });

function refused(kind: 'busy' | 'full' | 'not-found' | 'refused'): Refused {
  if (kind === 'busy') return new Refused('conflict', { detail: 'another import of this source is under way' });
  if (kind === 'full') {
    const detail = 'as many imports are under way on this node as it takes at once';
    return new Refused('unavailable', { detail, headers: { 'Retry-After': '60' } });
  }
  return new Refused(kind === 'refused' ? 'not-allowed' : 'not-found');
}

function unreadable(reason: string): Refused {
  const remedy = 'correct the file, and send it again';
  return new Refused('invalid', {
    detail: reason,
    errors: [{ pointer: '', code: 'unreadable', detail: reason, remedy }],
  });
}

function shown({ id, source, state, by, at, record, run }: ViewedImport) {
  return {
    id,
    source,
    state,
    by,
    at: timeOf(at),
    ...(record === undefined ? {} : shownRecord(record)),
    ...(run === undefined
      ? {}
      : {
          progress: {
            act: run.act,
            stage: run.stage,
            done: run.done,
            total: run.total,
            seen_at: timeOf(run.seenAt),
            fault: run.fault,
          },
        }),
  };
}

function shownRecord({ full, counts, alarms, appliedAt, refusedLater }: NonNullable<ViewedImport['record']>) {
  const { rows, new: added, changed, ends, reopens, unchanged, refused: notTaken, losses, suspended } = counts;
  return {
    full,
    counts: { rows, new: added, changed, ends, reopens, unchanged, refused: notTaken },
    losses,
    alarms: alarms.map(({ organisation, losses: lost, shrank }) => ({ organisation, ...lost, ...shrank })),
    suspended,
    applied_at: appliedAt === undefined ? undefined : timeOf(appliedAt),
    refused_later: refusedLater,
  };
}

function shownEvent(event: ImportEvent) {
  if (event.outcome === 'suspended') return event;
  if (event.outcome === 'refused') {
    const { outcome, person, line, column, value, reason } = event;
    return { outcome, person, lines: line === 0 ? [] : [line], column, value, reason };
  }
  const { outcome, person, lines, account, fields, changes, notes, accessEnds } = event;
  return { outcome, person, lines, account, fields, changes, notes, access_ends: accessEnds };
}

export const importOperations: readonly Operation[] = [list, planned, get, report, reportFile, refusedRows, apply];
