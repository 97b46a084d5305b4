/** Operations that register a client, say what the other side types, and what it would learn of a person. */
import { z } from 'zod';
import { clientDocument } from '../../../domain/clients/client-document.ts';
import { readSecretName, type SecretLife } from '../../../domain/clients/client-secrets.ts';
import { clientDefaults } from '../../../domain/clients/metadata/client-members.ts';
import { impliedMembers } from '../../../domain/clients/metadata/profile.ts';
import { connectionOf } from '../../../domain/clients/presets/connection.ts';
import { textIn } from '../../../domain/clients/presets/preset.ts';
import type { Release } from '../../../domain/clients/release/release.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import { randomId } from '../../../domain/random.ts';
import { reachOf } from '../../../use-cases/actor.ts';
import { type Previewed, previewRelease } from '../../../use-cases/clients/preview-release.ts';
import { readClient } from '../../../use-cases/clients/read-clients.ts';
import { type RegisterDeps, registerOne } from '../../../use-cases/clients/register.ts';
import { clientAskedShape, clientChangedShape, secretAskedShape } from '../client-schemas.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { connectionShape, previewAskedShape, previewShape } from '../preview-schemas.ts';
import { metadataErrors, Refused } from '../problem.ts';
import { editPortsOf } from './client-changes.ts';

const tag = 'Clients';
/** Programs and their makers read English. */
const LIBRARY_LANGUAGE = 'en';
const name = z.string().min(1).max(300);

const registerDepsOf = (parts: ApiParts): RegisterDeps => ({ ...editPortsOf(parts), dryRun: false });

const register = operation({
  operationId: 'registerClient',
  method: 'POST',
  path: '/clients',
  tag,
  summary: 'Registers a client; a secret that it is given is shown once.',
  description:
    'The body is what GET answers, and what pedel clients apply reads. Without client_id it is given one; pedel_organisation says whose it is, without it the association. first_secret names the secret that is made and says how long it lives; its contacts are mailed 30 days, 7 days and 1 day before.',
  permission: 'clients:write',
  // the rest is judged by the registry of members, which has a remedy for every fault
  body: z
    .object({
      client_id: name.optional(),
      pedel_organisation: name.optional(),
      first_secret: secretAskedShape.optional(),
    })
    .catchall(z.json()),
  bodyShown: clientAskedShape,
  status: 201,
  answer: clientChangedShape,
  etag: true,
  problems: ['conflict'],
  audit: 'client.created',
  secrets: ['client_secret'],
  async act({ actor, body }, parts) {
    const { pedel_organisation: organisation, client_id: named, first_secret: asksSecret, ...rest } = body;
    const members = rest as Record<string, JsonValue>;
    if (organisation === undefined && reachOf(actor, 'clients:write').length > 0 && !everywhere(actor))
      throw new Refused('invalid', {
        errors: [
          {
            pointer: '/pedel_organisation',
            code: 'missing',
            detail: 'only owners register applications of the association',
            remedy: 'name an organisation whose applications you administer',
          },
        ],
      });
    if ('client_secret' in members)
      throw new Refused('invalid', {
        errors: [
          {
            pointer: '/client_secret',
            code: 'invalid-member',
            detail: 'a client is given a secret, it brings none',
            remedy: 'leave it out: the answer has it',
          },
        ],
      });
    const id = named ?? randomId(parts.randomBytes);
    const secret = asksSecret === undefined ? {} : { secret: readFirstSecret(asksSecret, members) };
    const asked = { registration: { ...members, client_id: id }, organisation, ...secret };
    const registered = await registerOne(actor, asked, registerDepsOf(parts));
    switch (registered.kind) {
      case 'registered': {
        parts.onClientChanged();
        const { record, secret, warnings = [] } = registered;
        return {
          body: {
            client: clientDocument(record),
            warnings,
            client_secret: secret,
          },
          revision: record.revision,
          location: `/clients/${encodeURIComponent(record.id)}`,
        };
      }
      case 'refused':
        throw new Refused('invalid', { errors: metadataErrors(registered.faults) });
      case 'not-allowed':
        throw new Refused('not-allowed', {
          ...(registered.members.length === 0 ? {} : { detail: `only owners set ${registered.members.join(', ')}` }),
        });
      case 'not-found':
        throw new Refused('not-found');
      default:
        throw new Refused('conflict', { detail: 'a client has this client_id already' });
    }
  },
});

/** @throws Refused where it has no name that can be stored, or the client gets no secret */
function readFirstSecret(
  { name: given, life }: z.output<typeof secretAskedShape>,
  members: Record<string, JsonValue>,
): { name: string; life: SecretLife } {
  const refuse = (pointer: string, code: string, detail: string, remedy: string) =>
    new Refused('invalid', { errors: [{ pointer, code, detail, remedy }] });
  const { token_endpoint_auth_method: method = clientDefaults.token_endpoint_auth_method } = {
    ...impliedMembers(members),
    ...members,
  };
  if (!String(method).startsWith('client_secret_'))
    throw refuse('/first_secret', 'not-needed', `with ${String(method)} no secret is made`, 'leave it out');
  const named = readSecretName(given);
  if (named === undefined)
    throw refuse('/first_secret/name', 'name-refused', 'it cannot be the name', 'give 1 to 60 characters in one line');
  return { name: named, life };
}

const everywhere = (actor: Parameters<typeof reachOf>[0]) => reachOf(actor, 'clients:write') === 'association';

const connection = operation({
  operationId: 'getConnection',
  method: 'GET',
  path: '/clients/{client_id}/connection',
  tag,
  summary:
    'Tells what the other side types, under its own names where the catalogue knows the product; never a secret.',
  permission: 'clients:read',
  status: 200,
  answer: connectionShape,
  async act({ actor, path }, { storage, presets, provider }) {
    const read = await readClient(actor, path.client_id ?? '', storage);
    if (read.kind === 'not-found') throw new Refused('not-found');
    const { preset, fields, snippets } = connectionOf(read.client, presets(), provider());
    const body = {
      preset: preset?.id,
      fields: fields.map(({ name, value, isSecret }) => ({ name, value, is_secret: isSecret })),
      snippets: snippets.map(({ file, when, text }) => ({
        file,
        when: when === undefined ? undefined : textIn(when, LIBRARY_LANGUAGE),
        text,
      })),
    };
    return { body };
  },
});

const preview = operation({
  operationId: 'previewClient',
  method: 'POST',
  path: '/clients/{client_id}/preview',
  tag,
  summary: 'Tells what a client would learn of a person, claim by claim and why; nothing is stored.',
  description:
    'It is the function that decides it when tokens are issued. `draft` is a merge patch: the registration as it would be. Of others than sample people it is told to owners, and to who administers the people of their organisation.',
  permission: 'preview:self',
  reads: true,
  body: previewAskedShape,
  status: 200,
  answer: previewShape,
  async act({ actor, path, body }, parts) {
    const { person, scopes, claims, draft } = body;
    const about: Previewed =
      'sample' in person ? { kind: 'sample', id: person.sample } : { kind: 'person', number: person.number };
    const asked = scopes === undefined ? {} : { asked: { scopes, claims: claims ?? [] } };
    const change = draft === undefined ? {} : { draft: { kind: 'patch' as const, patch: draft } };
    const ports = {
      ...editPortsOf(parts),
      ...parts.previewing,
      accounts: parts.storage.accounts,
      organisations: parts.organisations,
    };
    const outcome = await previewRelease(
      actor,
      { id: path.client_id ?? '', person: about, ...asked, ...change },
      ports,
    );
    switch (outcome.kind) {
      case 'preview': {
        const { person: whose, scopes: asking, closed, idToken, userinfo } = outcome;
        return {
          body: {
            person: { ...whose, number: whose.number },
            scopes: asking,
            closed: closed?.kind,
            id_token: idToken.map(shownClaim),
            userinfo: userinfo.map(shownClaim),
          },
        };
      }
      case 'unknown-person': {
        const pointer = 'sample' in person ? '/person/sample' : '/person/number';
        const remedy = 'name a person by user number, address or id, or a sample such as staff@ORGANISATION';
        throw new Refused('invalid', {
          errors: [{ pointer, code: 'unknown-person', detail: 'nobody is known by it', remedy }],
        });
      }
      case 'refused':
        throw new Refused('invalid', {
          errors: metadataErrors(outcome.faults).map((error, place) => ({
            ...error,
            pointer: `/draft${outcome.faults[place]?.pointer ?? ''}`,
          })),
        });
      default:
        throw new Refused(outcome.kind);
    }
  },
});

const shownClaim = (each: Release) => ({
  claim: each.claim,
  ...('value' in each ? { value: each.value } : {}),
  reason: each.reason.kind,
});

export const clientMakingOperations: readonly Operation[] = [register, connection, preview];
