/** The OpenAPI 3.1 document (JSON Schema 2020-12) of the API, made from the table of operations. */
import { z } from 'zod';
import { MANAGEMENT_PATH, managementScopes } from '../../domain/clients/resources/management-api.ts';
import { scopesFor } from '../../domain/roles/management-scopes.ts';
import { type Operation, takesKey } from './operation.ts';
import { type ProblemCode, problems } from './problem.ts';
import { named, problemShape } from './schemas.ts';

type Json = Record<string, unknown>;

/** Problems that an operation may answer with. */
export function problemsOf(operation: Operation): ProblemCode[] {
  const { permission, path, body, upload, ifMatch } = operation;
  const scoped = permission !== 'none' && permission !== 'any';
  return [
    'not-authenticated',
    ...(scoped ? (['insufficient-scope', 'not-allowed'] as const) : []),
    ...(scoped || path.includes('{') ? (['not-found'] as const) : []),
    'malformed',
    ...(body === undefined && upload === undefined
      ? []
      : (['too-slow', 'too-large', 'unsupported-media-type', 'invalid'] as const)),
    ...(ifMatch ? (['precondition-required', 'stale'] as const) : []),
    ...(takesKey(operation) ? (['idempotency-running', 'idempotency-unknown', 'idempotency-reused'] as const) : []),
    ...(operation.problems ?? []),
    'too-many',
    'failed',
    'unavailable',
  ];
}

/** @param issuer our own address */
export function openapiDocument(
  operations: readonly Operation[],
  { issuer, name, version }: { issuer: string; name: string; version: string },
): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations)
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method.toLowerCase()]: described(operation, operations),
    };
  return {
    openapi: '3.1.1',
    info: {
      title: `${name}: management API`,
      version,
      description:
        'Everything that the console does with applications and people, for services. A service asks the token endpoint ' +
        `for a token with grant_type=client_credentials and resource=${issuer}${MANAGEMENT_PATH}.`,
    },
    servers: [{ url: `${issuer}${MANAGEMENT_PATH}` }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((tag) => ({ name: tag })),
    security: [{ service: [] }],
    paths,
    components: { schemas: schemas(), securitySchemes: securitySchemes(issuer) },
  };
}

function securitySchemes(issuer: string): Json {
  const clientCredentials = { tokenUrl: `${issuer}/token`, scopes: { ...managementScopes } };
  return {
    service: {
      type: 'oauth2',
      description: `resource=${issuer}${MANAGEMENT_PATH} (RFC 8707)`,
      flows: { clientCredentials },
    },
  };
}

const refOf = (schema: z.ZodType): Json => {
  const name = named.get(schema)?.id;
  if (name === undefined) throw new TypeError('every body and answer has a name in schemas.ts');
  return { $ref: `#/components/schemas/${name}` };
};

function schemas(): Json {
  const { schemas: made } = z.toJSONSchema(named, {
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
    io: 'input',
  });
  // what several have in common stands apart, in definitions that no other document resolves
  const { __shared: shared, ...own } = made as Record<string, Json>;
  const all = { ...own, ...(shared?.$defs as Record<string, Json> | undefined) };
  const text = JSON.stringify(all).replaceAll('#/components/schemas/__shared#/$defs/', '#/components/schemas/');
  const read = JSON.parse(text) as Record<string, Json>;
  return Object.fromEntries(Object.entries(read).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]));
}

function described(operation: Operation, all: readonly Operation[]): Json {
  const { operationId, tag, summary, description, permission, body, upload, method } = operation;
  const scopes = permission === 'none' || permission === 'any' ? [] : scopesFor(permission).slice(0, 1);
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(permission === 'none' ? { security: [] } : { security: [{ service: scopes }] }),
    ...(permission === 'none' || permission === 'any' ? {} : { 'x-permission': permission }),
    parameters: parametersOf(operation),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { [type]: { schema: refOf(operation.bodyShown ?? body) } },
          },
        }),
    ...(upload === undefined ? {} : { requestBody: { required: true, content: filesOf(upload) } }),
    responses: responsesOf(operation, all),
  };
}

/** JSON Schema 2020-12 says nothing of a body that is no JSON; OpenAPI 3.1, 4.8.14.3. */
const filesOf = (types: readonly string[]): Json => Object.fromEntries(types.map((type) => [type, {}]));

function parametersOf(operation: Operation): Json[] {
  const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1, maxLength: 300 },
  }));
  const query =
    operation.query === undefined
      ? {}
      : (z.toJSONSchema(operation.query, { io: 'input', unrepresentable: 'any' }).properties ?? {});
  const inQuery = Object.entries(query as Record<string, Json>).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: false,
    ...(description === undefined ? {} : { description }),
    schema: name === 'limit' ? { type: 'integer', minimum: 1, maximum: 200 } : schema,
  }));
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  });
  return [
    ...inPath,
    ...inQuery,
    ...(operation.ifMatch ? [header('If-Match', true, 'the ETag of what you read: "r7"')] : []),
    ...(takesKey(operation)
      ? [header('Idempotency-Key', false, 'the same request with the same key is carried out once in 24 hours')]
      : []),
  ];
}

/** Operations on the items of a list, with where their names stand in its answer. */
function linksOf({ list, path }: Operation, all: readonly Operation[]): Json {
  const within = list ? all.filter((each) => each.path.startsWith(`${path}/{`)) : [];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, own = '']) => [own, `$request.path.${own}`]);
  const links = within.map(({ operationId, path: longer }) => {
    const name = /\{(\w+)\}/.exec(longer.slice(path.length))?.[1] ?? '';
    const parameters = { ...Object.fromEntries(inPath), [name]: `$response.body#/items/0/${name}` };
    return [operationId, { operationId, parameters }];
  });
  return Object.fromEntries(links);
}

function responsesOf(operation: Operation, all: readonly Operation[]): Json {
  const { status, answer, etag, list, upload } = operation;
  const headers: Json = {
    ...(etag ? { ETag: { schema: { type: 'string' }, description: 'for If-Match' } } : {}),
    ...(list
      ? {
          Link: {
            schema: { type: 'string' },
            description: 'rel="next": the address of the next page; absent on the last',
          },
        }
      : {}),
    ...(status === 201 || upload !== undefined
      ? { Location: { schema: { type: 'string' }, description: 'where it is' } }
      : {}),
    ...(takesKey(operation)
      ? {
          'Idempotency-Replayed': {
            schema: { type: 'string' },
            description: 'true: the answer of the first request with this key, without secrets',
          },
        }
      : {}),
  };
  const done = {
    description: answer === undefined && operation.file === undefined ? 'Done' : 'As asked',
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    ...(answer === undefined ? {} : { content: { 'application/json': { schema: refOf(answer) } } }),
    ...(operation.file === undefined ? {} : { content: filesOf(operation.file) }),
    ...(list ? { links: linksOf(operation, all) } : {}),
  };
  const byStatus = new Map<number, string[]>();
  for (const code of problemsOf(operation))
    byStatus.set(problems[code].status, [...(byStatus.get(problems[code].status) ?? []), code]);
  return {
    [status]: done,
    ...(operation.mayBeThere ? { 200: { ...done, description: 'It was there already' } } : {}),
    ...Object.fromEntries(
      [...byStatus].map(([each, codes]) => [
        each,
        {
          description: codes.map((code) => problems[code as ProblemCode].title).join(', or: '),
          content: { 'application/problem+json': { schema: refOf(problemShape) } },
          ...(each === 401 || each === 403 ? { headers: { 'WWW-Authenticate': { schema: { type: 'string' } } } } : {}),
          ...(each === 429 || each === 503 ? { headers: { 'Retry-After': { schema: { type: 'string' } } } } : {}),
        },
      ]),
    ),
    default: {
      description: 'Any other problem',
      content: { 'application/problem+json': { schema: refOf(problemShape) } },
    },
  };
}
