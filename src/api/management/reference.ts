/** What the readable page says of the API: the table of operations and the problems, in English, as data for a view. */
import { MANAGEMENT_PATH, managementScopes } from '../../domain/clients/resources/management-api.ts';
import { scopesFor } from '../../domain/roles/management-scopes.ts';
import { problemsOf } from './openapi.ts';
import type { Operation } from './operation.ts';
import { problems } from './problem.ts';

export function apiReference(operations: readonly Operation[], issuer: string) {
  const groups = [...new Set(operations.map(({ tag }) => tag))].map((tag) => ({
    tag,
    operations: operations.filter((each) => each.tag === tag).map(described),
  }));
  return {
    base: `${issuer}${MANAGEMENT_PATH}`,
    tokenUrl: `${issuer}/token`,
    scopes: Object.entries(managementScopes).map(([name, what]) => ({ name, what })),
    groups,
    problems: Object.entries(problems).map(([code, known]) => ({ code, ...known })),
  };
}

function described(operation: Operation) {
  const { operationId, method, path, summary, permission, query, status, ifMatch } = operation;
  return {
    operationId,
    method,
    path,
    summary,
    scope: permission === 'none' || permission === 'any' ? undefined : scopesFor(permission)[0],
    parameters: Object.keys(query?.shape ?? {}),
    ifMatch: ifMatch === true,
    status,
    problems: problemsOf(operation),
  };
}
