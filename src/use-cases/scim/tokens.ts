/** Makes, lists and takes back the tokens of a source, for who may change it, each change audited in the same act. */
import type { Source } from '../../domain/feed/source.ts';
import { newSourceToken, type SourceToken, TOKENS_AT_MOST } from '../../domain/feed/source-token.ts';
import type { Values } from '../../domain/ports/values.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { type Actor, entryBy } from '../actor.ts';
import { mayWithSource } from '../import/administer-imports.ts';

type Ports = {
  /** of the configuration */
  sources: readonly Source[];
  values: Pick<Values, 'get' | 'replace'>;
  now: () => number;
  randomBytes: RandomBytes;
};
export type SourceDenied = { kind: 'not-found' | 'not-allowed' };

const nameOf = (source: string) => `scim-tokens ${source}`;

export async function tokensOfSource(values: Pick<Values, 'get'>, source: string): Promise<SourceToken[]> {
  const text = await values.get(nameOf(source));
  return text === undefined ? [] : (JSON.parse(text) as SourceToken[]);
}

/** Why `actor` may not change this source; undefined: he may. One that is configured no more is the association's. */
export function deniedWith(actor: Actor, source: string, sources: readonly Source[]): SourceDenied | undefined {
  const allowed = mayWithSource(actor, 'sources:write', source, sources);
  return allowed === 'yes' ? undefined : { kind: allowed === 'refused' ? 'not-allowed' : 'not-found' };
}

/**
 * `token` is told once. `full`: there are two, and one must be taken back first.
 * @param seen ids of the tokens that the page showed on which it was asked for: where there are others by now (`changed`), it
 *   was perhaps made already. Absent: it is made in any case
 */
export async function addSourceToken(
  actor: Actor,
  source: string,
  { sources, values, now, randomBytes }: Ports,
  seen?: readonly string[],
): Promise<
  { kind: 'made'; id: string; token: string } | { kind: 'full' | 'changed'; tokens: SourceToken[] } | SourceDenied
> {
  const denied = deniedWith(actor, source, sources);
  if (denied !== undefined) return denied;
  for (;;) {
    const before = await values.get(nameOf(source));
    const tokens = before === undefined ? [] : (JSON.parse(before) as SourceToken[]);
    if (seen !== undefined && seen.join(' ') !== tokens.map(({ id }) => id).join(' '))
      return { kind: 'changed', tokens };
    if (tokens.length >= TOKENS_AT_MOST) return { kind: 'full', tokens };
    const { token, stored } = newSourceToken(source, randomBytes, now());
    const details = { source, token: stored.id };
    const entry = entryBy(actor, { action: 'source-token.made', details }, { now, randomBytes });
    if (await values.replace(nameOf(source), JSON.stringify([...tokens, stored]), before, entry))
      return { kind: 'made', id: stored.id, token };
  }
}

/** It opens nothing from then on. `unknown`: there is none of this id. */
export async function revokeSourceToken(
  actor: Actor,
  source: string,
  id: string,
  { sources, values, now, randomBytes }: Ports,
): Promise<{ kind: 'revoked' | 'unknown' } | SourceDenied> {
  const denied = deniedWith(actor, source, sources);
  if (denied !== undefined) return denied;
  for (;;) {
    const before = await values.get(nameOf(source));
    const tokens = before === undefined ? [] : (JSON.parse(before) as SourceToken[]);
    if (!tokens.some((each) => each.id === id)) return { kind: 'unknown' };
    const entry = entryBy(
      actor,
      { action: 'source-token.revoked', details: { source, token: id } },
      { now, randomBytes },
    );
    const left = JSON.stringify(tokens.filter((each) => each.id !== id));
    if (await values.replace(nameOf(source), left, before, entry)) return { kind: 'revoked' };
  }
}
