/** Pages of lists: a cursor is ours, made for one list with one choice of filters, and any other is refused. */
import { z } from 'zod';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { Sealer } from '../../domain/sealing/sealer.ts';
import { Refused } from './problem.ts';

export const DEFAULT_LIMIT = 50;
const MOST_LIMIT = 200;

/** Parameters of every list. */
export const pageQuery = {
  limit: z.coerce
    .number({ error: `give a whole number, 1 to ${MOST_LIMIT}` })
    .int()
    .min(1)
    .max(MOST_LIMIT)
    .optional()
    .meta({ description: 'the most items of a page' }),
  cursor: z.string().max(500).optional().meta({ description: 'from the Link of the page before' }),
};

const FIELD = 'api-cursor';
/** What a cursor belongs to: the operation, and everything else that the query chooses. */
export type CursorOf = { operationId: string; filter: Record<string, unknown> };

export function writeCursor(sealer: Pick<Sealer, 'mac'>, of: CursorOf, after: JsonValue): string {
  const text = JSON.stringify(after);
  return `${Buffer.from(text).toString('base64url')}.${sealer.mac(FIELD, ...partsOf(of), text)}`;
}

/** Where the page begins. @throws Refused `malformed`: it was changed, or is of another list or choice */
export function readCursor(sealer: Pick<Sealer, 'macMatches'>, of: CursorOf, cursor: string): JsonValue {
  const [encoded = '', mac = ''] = cursor.split('.', 2);
  const text = Buffer.from(encoded, 'base64url').toString();
  if (sealer.macMatches(mac, FIELD, ...partsOf(of), text)) return JSON.parse(text);
  const remedy = 'take the address of the next page from Link as it is, or begin without a cursor';
  const error = { parameter: 'cursor', code: 'cursor', detail: 'it is no cursor of this list', remedy };
  throw new Refused('malformed', { errors: [error] });
}

const partsOf = ({ operationId, filter }: CursorOf) => [operationId, canonicalJson(filter as JsonValue)];
