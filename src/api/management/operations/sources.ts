/** Operations on sources: what feeds Pedel with people, their tokens for SCIM, and the release of one that is held. */
import { z } from 'zod';
import { reasonOf } from '../../../domain/lifecycle/reason.ts';
import type { Actor } from '../../../use-cases/actor.ts';
import { releaseSource } from '../../../use-cases/scim/safeguard.ts';
import { listSources, type ViewedSource, viewSource } from '../../../use-cases/scim/sources.ts';
import { addSourceToken, revokeSourceToken } from '../../../use-cases/scim/tokens.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { Refused } from '../problem.ts';
import { timeOf } from '../schemas.ts';
import { releaseAskedShape, sourceList, sourceShape, sourceTokenMadeShape } from '../source-schemas.ts';

const tag = 'Sources';

const list = operation({
  operationId: 'listSources',
  method: 'GET',
  path: '/sources',
  tag,
  summary: 'Lists the sources of the configuration whose organisations are all yours.',
  permission: 'sources:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: sourceList,
  async act({ actor, limit, after = 0 }, parts) {
    const listed = await listSources(actor, readingOf(parts));
    if (listed.kind === 'not-found') throw new Refused('not-found');
    const from = Number(after);
    const next = from + limit < listed.sources.length ? from + limit : undefined;
    return { body: { items: listed.sources.slice(from, from + limit).map(shown) }, next };
  },
});

const get = operation({
  operationId: 'getSource',
  method: 'GET',
  path: '/sources/{source}',
  tag,
  summary: 'Shows a source: its last file, its tokens, and how many lost access over SCIM.',
  permission: 'sources:read',
  status: 200,
  answer: sourceShape,
  async act({ actor, path }, parts) {
    return { body: shown(await load(actor, path.source, 'sources:read', parts)) };
  },
});

const makeToken = operation({
  operationId: 'makeSourceToken',
  method: 'POST',
  path: '/sources/{source}/tokens',
  tag,
  summary: 'Makes a token with which the source calls SCIM; it is shown once.',
  description: 'It does not expire. A source has two at most, so that one is changed without a gap.',
  permission: 'sources:write',
  status: 201,
  answer: sourceTokenMadeShape,
  problems: ['conflict'],
  audit: 'source-token.made',
  secrets: ['token'],
  async act({ actor, path }, parts) {
    const { source } = await load(actor, path.source, 'sources:write', parts);
    const made = await addSourceToken(actor, source.id, writingOf(parts));
    if ('tokens' in made) {
      const ids = made.tokens.map(({ id }) => id).join(' and ');
      throw new Refused('conflict', { detail: `it has two tokens already (${ids}): take one back first` });
    }
    if (made.kind !== 'made') throw new Refused(made.kind);
    return { body: { id: made.id, token: made.token }, location: `/sources/${encodeURIComponent(source.id)}` };
  },
});

const revokeToken = operation({
  operationId: 'revokeSourceToken',
  method: 'DELETE',
  path: '/sources/{source}/tokens/{token}',
  tag,
  summary: 'Takes a token back: it opens nothing from then on.',
  permission: 'sources:write',
  status: 204,
  audit: 'source-token.revoked',
  async act({ actor, path }, parts) {
    const { source } = await load(actor, path.source, 'sources:write', parts);
    const revoked = await revokeSourceToken(actor, source.id, path.token ?? '', writingOf(parts));
    if (revoked.kind !== 'revoked') throw new Refused(revoked.kind === 'not-allowed' ? 'not-allowed' : 'not-found');
    return {};
  },
});

const release = operation({
  operationId: 'releaseSource',
  method: 'POST',
  path: '/sources/{source}/release',
  tag,
  summary: 'Lets so many more people of the source lose access over SCIM for 24 hours, in place of an earlier number.',
  permission: 'sources:write',
  body: releaseAskedShape,
  status: 200,
  answer: sourceShape,
  audit: 'source.released',
  async act({ actor, path, body }, parts) {
    const { source } = await load(actor, path.source, 'sources:write', parts);
    const reason = reasonOf(body.reason);
    if (reason === undefined) throw noReason();
    const released = await releaseSource(actor, source.id, { people: body.people, reason }, writingOf(parts));
    if (released.kind !== 'released') throw new Refused(released.kind);
    return { body: shown(await load(actor, source.id, 'sources:read', parts)) };
  },
});

const noReason = () =>
  new Refused('invalid', {
    errors: [
      {
        pointer: '/reason',
        code: 'no-reason',
        detail: 'it is empty',
        remedy: 'say why in one line; it goes into the audit log',
      },
    ],
  });

const readingOf = ({ storage, importing, now }: ApiParts) => ({
  sources: importing.sources,
  accounts: storage.accounts,
  attempts: storage.attempts,
  values: storage.values,
  imports: importing.imports,
  now,
});
const writingOf = ({ storage, importing, now, randomBytes }: ApiParts) => ({
  sources: importing.sources,
  values: storage.values,
  now,
  randomBytes,
});

/** @throws Refused `not-found`, `not-allowed` */
async function load(
  actor: Actor,
  id: string | undefined,
  what: 'sources:read' | 'sources:write',
  parts: ApiParts,
): Promise<ViewedSource> {
  const viewed = await viewSource(actor, id ?? '', what, readingOf(parts));
  if (viewed.kind !== 'found') throw new Refused(viewed.kind);
  return viewed.source;
}

function shown({ source, scim, tokens, latest }: ViewedSource) {
  const { people, closed, most, held, releasedUntil } = scim;
  return {
    id: source.id,
    organisations: source.organisations,
    full: source.full === true,
    last_import: latest && { id: latest.id, at: timeOf(latest.at), people: latest.people },
    scim: {
      people,
      closed,
      most,
      held,
      released_until: releasedUntil === undefined ? undefined : timeOf(releasedUntil),
    },
    tokens: tokens.map(({ id, createdAt }) => ({ id, made_at: timeOf(createdAt) })),
  };
}

export const sourceOperations: readonly Operation[] = [list, get, makeToken, revokeToken, release];
