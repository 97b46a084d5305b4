/** Finds the operations of an address in the table. */
import type { Operation } from './operation.ts';

export type Found = { byMethod: Record<string, Operation>; path: Record<string, string> };

const LONGEST_SEGMENT = 300;

/** The operations of an address, and its variable segments, decoded. Undefined: none, or it cannot be decoded. */
export function matchPath(operations: readonly Operation[], address: string): Found | undefined {
  const given = address.split('/');
  const found: Found = { byMethod: {}, path: {} };
  for (const operation of operations) {
    const path = variablesIn(operation.path.split('/'), given);
    if (path === undefined) continue;
    found.byMethod[operation.method] = operation;
    found.path = path;
  }
  return Object.keys(found.byMethod).length === 0 ? undefined : found;
}

function variablesIn(template: string[], given: string[]): Record<string, string> | undefined {
  if (template.length !== given.length) return undefined;
  const path: Record<string, string> = {};
  for (const [place, step] of template.entries()) {
    const segment = given[place] ?? '';
    const name = /^\{(\w+)\}$/.exec(step)?.[1];
    if (name === undefined) {
      if (segment !== step) return undefined;
      continue;
    }
    const value = decoded(segment);
    if (value === undefined || value === '' || value.length > LONGEST_SEGMENT || value.includes('\0')) return undefined;
    path[name] = value;
  }
  return path;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
