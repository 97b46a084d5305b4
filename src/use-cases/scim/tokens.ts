/** Makes, lists and takes back the tokens of a source, each change audited in the same act. */
import { newSourceToken, type SourceToken, TOKENS_AT_MOST } from '../../domain/feed/source-token.ts';
import type { Values } from '../../domain/ports/values.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { type Actor, entryBy } from '../actor.ts';

type Ports = { values: Pick<Values, 'get' | 'replace'>; now: () => number; randomBytes: RandomBytes };

const nameOf = (source: string) => `scim-tokens ${source}`;

export async function tokensOfSource(values: Pick<Values, 'get'>, source: string): Promise<SourceToken[]> {
  const text = await values.get(nameOf(source));
  return text === undefined ? [] : (JSON.parse(text) as SourceToken[]);
}

/** `token` is told once. `full`: there are two, and one must be taken back first. */
export async function addSourceToken(
  actor: Actor,
  source: string,
  { values, now, randomBytes }: Ports,
): Promise<{ kind: 'made'; id: string; token: string } | { kind: 'full'; tokens: SourceToken[] }> {
  for (;;) {
    const before = await values.get(nameOf(source));
    const tokens = before === undefined ? [] : (JSON.parse(before) as SourceToken[]);
    if (tokens.length >= TOKENS_AT_MOST) return { kind: 'full', tokens };
    const { token, stored } = newSourceToken(source, randomBytes, now());
    const details = { source, token: stored.id };
    const entry = entryBy(actor, { action: 'source-token.made', details }, { now, randomBytes });
    if (await values.replace(nameOf(source), JSON.stringify([...tokens, stored]), before, entry))
      return { kind: 'made', id: stored.id, token };
  }
}

/** It opens nothing from then on. False: there is none of this id. */
export async function revokeSourceToken(
  actor: Actor,
  source: string,
  id: string,
  { values, now, randomBytes }: Ports,
): Promise<boolean> {
  for (;;) {
    const before = await values.get(nameOf(source));
    const tokens = before === undefined ? [] : (JSON.parse(before) as SourceToken[]);
    if (!tokens.some((each) => each.id === id)) return false;
    const entry = entryBy(
      actor,
      { action: 'source-token.revoked', details: { source, token: id } },
      { now, randomBytes },
    );
    const left = JSON.stringify(tokens.filter((each) => each.id !== id));
    if (await values.replace(nameOf(source), left, before, entry)) return true;
  }
}
