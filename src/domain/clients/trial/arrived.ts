/** Arranges what arrived in a trial beside what was decided about it. */
import type { JsonValue } from '../../json-value.ts';
import type { Given, Withheld } from '../release/release.ts';
import type { Arrived, Decided, NotArrived, TrialOutcome, TrialPlace } from './trial.ts';

/** Members of an ID token that tell nothing of the person (OpenID Connect Core 2 and 3.3.2.11, RFC 7519). */
const ofProtocol: ReadonlySet<string> = new Set([
  'iss',
  'aud',
  'azp',
  'exp',
  'iat',
  'nbf',
  'jti',
  'nonce',
  'at_hash',
  'c_hash',
  's_hash',
  'sid',
]);

/**
 * What arrived beside what was decided. Values are those of the tokens; where they tell a claim of which nothing was decided,
 * it has no reason.
 */
export function arrivedIn(
  tokens: Record<TrialPlace, Record<string, JsonValue>>,
  decided: readonly Decided[],
  scopes: string[],
): TrialOutcome {
  const arrived = new Map<string, Arrived>();
  for (const place of ['id_token', 'userinfo'] as const)
    for (const [claim, value] of Object.entries(tokens[place])) {
      if (place === 'id_token' && ofProtocol.has(claim)) continue;
      const before = arrived.get(claim);
      const reason = before?.reason ?? givenIn(decided, place, claim);
      const places = [...(before?.places ?? []), place];
      arrived.set(claim, { claim, value, places, ...(reason === undefined ? {} : { reason }) });
    }
  return {
    kind: 'arrived',
    arrived: [...arrived.values()].toSorted((one, other) => rank(one) - rank(other)),
    notArrived: notArrived(decided, new Set(arrived.keys())),
    protocol: Object.keys(tokens.id_token).filter((claim) => ofProtocol.has(claim)),
    scopes,
  };
}

/** The subject, then what is told of the person, then facts of the sign-in. */
const rank = ({ claim, reason }: Arrived) => (claim === 'sub' ? 0 : reason === undefined ? 2 : 1);

function givenIn(decided: readonly Decided[], place: TrialPlace, claim: string): Given | undefined {
  const told = decided
    .filter((each) => each.place === place)
    .flatMap(({ decisions }) => decisions)
    .find((each) => each.claim === claim && 'value' in each);
  return told !== undefined && 'value' in told ? told.reason : undefined;
}

/** What userinfo says of it first: the ID token leaves most to userinfo. */
function notArrived(decided: readonly Decided[], arrived: ReadonlySet<string>): NotArrived[] {
  const reasons = new Map<string, Withheld>();
  const inTurn = decided.toSorted(
    (one, other) => Number(one.place === 'id_token') - Number(other.place === 'id_token'),
  );
  for (const each of inTurn.flatMap(({ decisions }) => decisions)) {
    if ('value' in each || arrived.has(each.claim) || reasons.has(each.claim)) continue;
    reasons.set(each.claim, each.reason);
  }
  return [...reasons].flatMap(([claim, reason]) => (reason.kind === 'not_asked' ? [] : [{ claim, reason }]));
}
