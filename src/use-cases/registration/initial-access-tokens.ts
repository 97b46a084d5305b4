/** Makes and revokes initial access tokens, each with its audit entry in the same act. */
import type { AuditDetails } from '../../domain/audit/audit-entry.ts';
import type { ChangeEntry } from '../../domain/ports/audit-log.ts';
import type { InitialAccessToken, InitialAccessTokens } from '../../domain/ports/initial-access-tokens.ts';
import { type RandomBytes, randomId } from '../../domain/random.ts';
import { makeToken, type TokenAsked, tokenFaults } from '../../domain/registration/initial-access-token.ts';

type Deps = {
  tokens: Pick<InitialAccessTokens, 'add' | 'revoke'>;
  /** epoch ms */
  now: () => number;
  randomBytes: RandomBytes;
  /** the user of the operating system; absent: not known */
  by?: string;
  /** as the audit log names who it is; absent: the command */
  actor?: ChangeEntry['actor'];
};

export type MadeToken =
  /** `secret`: the token itself, which can be shown only now */
  | { kind: 'made'; token: InitialAccessToken; secret: string }
  | { kind: 'refused'; faults: ReturnType<typeof tokenFaults> };

/** Makes a token as asked. `organisations`: the ids that are configured. */
export async function addToken(asked: TokenAsked, organisations: readonly string[], deps: Deps): Promise<MadeToken> {
  const faults = tokenFaults(asked);
  if (!organisations.includes(asked.organisation))
    faults.unshift({
      member: 'organisation',
      value: asked.organisation.slice(0, 80),
      remedy: `give one of ${organisations.join(', ')}`,
    });
  if (faults.length > 0) return { kind: 'refused', faults };
  for (;;) {
    const { token, secret } = makeToken(asked, { ...deps, now: deps.now() });
    const { organisation, hosts, kinds } = token.terms;
    const entry = entryOf(
      'initial-access-token.made',
      { token: token.id, organisation, hosts: hosts.join(' '), kinds: kinds.join(' '), uses: String(token.uses) },
      deps,
    );
    // its id is short, so another may have it
    if (await deps.tokens.add(token, entry)) return { kind: 'made', token, secret };
  }
}

/** False: no token has this id. What it registered stays. */
export async function revokeToken(id: string, deps: Deps): Promise<boolean> {
  return deps.tokens.revoke(id, entryOf('initial-access-token.revoked', { token: id }, deps));
}

function entryOf<Action extends 'initial-access-token.made' | 'initial-access-token.revoked'>(
  action: Action,
  details: AuditDetails[Action],
  { now, randomBytes, actor = { kind: 'command', id: 'registration tokens' } }: Deps,
): ChangeEntry {
  return { id: randomId(randomBytes), at: now(), actor, action, details } as ChangeEntry;
}
