/** Operations on the secrets of a client: several, named, each with an end. */
import { z } from 'zod';
import {
  addSecret,
  type Denied,
  listSecrets,
  renameSecret,
  retireSecret,
  type SecretInUse,
} from '../../../use-cases/clients/secrets.ts';
import { secretAskedShape, secretList, secretMadeShape, secretNameShape } from '../client-schemas.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { Refused } from '../problem.ts';
import { timeOf } from '../schemas.ts';

const tag = 'Secrets';

const portsOf = ({ storage, now, randomBytes }: ApiParts) => ({
  clients: storage.clients,
  clientUses: storage.clientUses,
  grants: async () => (await storage.roleGrants.read()).grants,
  now,
  randomBytes,
});

const list = operation({
  operationId: 'listSecrets',
  method: 'GET',
  path: '/clients/{client_id}/secrets',
  tag,
  summary:
    'Lists the secrets of a client, newest first, with their last use to the hour; never the secrets themselves.',
  permission: 'clients:read',
  status: 200,
  answer: secretList,
  async act({ actor, path }, parts) {
    const listed = await listSecrets(actor, path.client_id ?? '', portsOf(parts));
    if (listed.kind !== 'listed') throw denied(listed);
    return { body: { items: listed.secrets.map(shown) } };
  },
});

const add = operation({
  operationId: 'addSecret',
  method: 'POST',
  path: '/clients/{client_id}/secrets',
  tag,
  summary: 'Adds a secret, which is shown once; the others go on working.',
  permission: 'clients:secrets',
  body: secretAskedShape,
  status: 201,
  answer: secretMadeShape,
  problems: ['conflict'],
  audit: 'client.secret-added',
  secrets: ['client_secret'],
  async act({ actor, path, body }, parts) {
    const asked = { client: path.client_id ?? '', name: body.name, life: body.life };
    const added = await addSecret(actor, asked, portsOf(parts));
    switch (added.kind) {
      case 'added': {
        parts.onClientChanged();
        const made = { ...added.stored, living: true, hour: undefined };
        return { body: { ...shown(made), client_secret: added.secret } };
      }
      case 'was-added': // only a form of the console says that it was sent before
        return { body: shown({ ...added.stored, living: true, hour: undefined }) };
      case 'full':
        throw new Refused('conflict', { detail: 'five secrets live: retire one first' });
      case 'takes-none':
        throw new Refused('conflict', { detail: `the client authenticates by ${added.method}, which needs no secret` });
      case 'name-refused':
        throw nameRefused('name-refused');
      case 'name-taken':
        throw nameRefused('name-taken');
      case 'not-found':
      case 'not-allowed':
        throw new Refused(added.kind);
    }
  },
});

const rename = operation({
  operationId: 'renameSecret',
  method: 'PATCH',
  path: '/clients/{client_id}/secrets/{id}',
  tag,
  summary: 'Renames a secret.',
  permission: 'clients:secrets',
  body: secretNameShape,
  status: 204,
  audit: 'client.secret-renamed',
  async act({ actor, path, body }, parts) {
    const asked = { client: path.client_id ?? '', secret: path.id ?? '', name: body.name };
    const renamed = await renameSecret(actor, asked, portsOf(parts));
    switch (renamed.kind) {
      case 'renamed':
        return {};
      case 'name-refused':
        throw nameRefused('name-refused');
      case 'name-taken':
        throw nameRefused('name-taken');
      case 'unknown-secret':
        throw new Refused('not-found');
      case 'not-found':
      case 'not-allowed':
        throw new Refused(renamed.kind);
    }
  },
});

const retire = operation({
  operationId: 'retireSecret',
  method: 'DELETE',
  path: '/clients/{client_id}/secrets/{id}',
  tag,
  summary: 'Retires a secret: it opens nothing from then on.',
  description: 'One that was used within 24 hours, or is the only one, is retired only with `?confirmed=true`.',
  permission: 'clients:secrets',
  query: z.strictObject({ confirmed: z.enum(['true', 'false']).optional() }),
  status: 204,
  problems: ['conflict'],
  audit: 'client.secret-retired',
  async act({ actor, path, query }, parts) {
    const confirmed = query.confirmed === 'true';
    const asked = { client: path.client_id ?? '', secret: path.id ?? '', confirmed };
    const retired = await retireSecret(actor, asked, portsOf(parts));
    switch (retired.kind) {
      case 'retired':
        parts.onClientChanged();
        return {};
      case 'used-recently':
        throw new Refused('conflict', { detail: 'it was used within 24 hours: confirm that it is to go' });
      case 'only-one':
        throw new Refused('conflict', { detail: 'nothing else signs the client in: confirm that it is to go' });
      case 'unknown-secret':
        throw new Refused('not-found');
      default:
        throw denied(retired);
    }
  },
});

const denied = ({ kind }: Denied) => new Refused(kind);

function nameRefused(code: 'name-refused' | 'name-taken'): Refused {
  const remedy =
    code === 'name-taken' ? 'choose another: a secret that lives has it' : 'give 1 to 60 characters in one line';
  return new Refused('invalid', { errors: [{ pointer: '/name', code, detail: 'it cannot be the name', remedy }] });
}

function shown({ id, name, createdAt, expiresAt, living, hour }: SecretInUse) {
  return {
    id,
    name,
    made_at: timeOf(createdAt),
    expires_at: expiresAt === undefined ? undefined : timeOf(expiresAt),
    living,
    last_used: hour === undefined ? undefined : timeOf(hour),
  };
}

export const secretOperations: readonly Operation[] = [list, add, rename, retire];
