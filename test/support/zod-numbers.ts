/** Finds the numbers in a zod schema, for tests that no number from outside is without bounds. */
import type { z } from 'zod';

type Node = {
  _zod: { def: Record<string, unknown> & { type: string } };
  minValue?: number | null;
  maxValue?: number | null;
};
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && '_zod' in value;

/** Paths of numbers with no bound of their own; `z.int()` alone has only those of all safe integers. */
export function unboundedNumbers(schema: z.ZodType, path = ''): string[] {
  return unboundedIn(schema as unknown as Node, path, new Set());
}

function unboundedIn(node: Node, path: string, seen: Set<Node>): string[] {
  if (seen.has(node)) return [];
  seen.add(node);
  const { def } = node._zod;
  if (def.type === 'number') {
    const bounded = (node.minValue ?? -Infinity) > -1e12 && (node.maxValue ?? Infinity) < 1e12;
    return bounded ? [] : [path];
  }
  return Object.entries(def).flatMap(([name, value]) => {
    if (isNode(value)) return unboundedIn(value, path, seen);
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, each]) =>
      isNode(each) ? unboundedIn(each, name === 'shape' ? `${path}.${key}` : path, seen) : [],
    );
  });
}
