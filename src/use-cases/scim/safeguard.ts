/**
 * Bounds how many open accounts one source may close within 24 hours over SCIM, so that a fault of its own does not end the
 * access of an institution. An operator who knows why releases as many as he says.
 */
import { scimOrderTerm } from '../../domain/feed/scim-entry.ts';
import { SAFEGUARD, type Source } from '../../domain/feed/source.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Attempts } from '../../domain/ports/attempts.ts';
import type { Values } from '../../domain/ports/values.ts';
import type { RandomBytes } from '../../domain/random.ts';
import { type Actor, entryBy } from '../actor.ts';
import { deniedWith, type SourceDenied } from './tokens.ts';

export const SAFEGUARD_MS = 24 * 60 * 60 * 1000;

type ReleasePorts = {
  /** of the configuration */
  sources: readonly Source[];
  values: Pick<Values, 'get' | 'replace'>;
  now: () => number;
  randomBytes: RandomBytes;
};
type Guarded = Pick<Source, 'id' | 'safeguard'>;

export type Safeguard = {
  /** counts one; false: it is one too many, and not counted */
  take(source: Guarded, now: number): Promise<boolean>;
  giveBack(source: Guarded, now: number): Promise<void>;
};

const counterOf = (source: string) => `scim closes ${source}`;
const releaseOf = (source: string) => `scim-release ${source}`;

/** What an operator released: `more` people, until `until` (epoch ms). */
type Release = { more: number; until: number };

type Counted = { accounts: Pick<Accounts, 'countTerms'>; values: Pick<Values, 'get'> };

async function mostOf({ accounts, values }: Counted, { id: source, safeguard = SAFEGUARD }: Guarded, now: number) {
  const people = await accounts.countTerms(scimOrderTerm(source, 0), scimOrderTerm(source, 10 ** 15 - 1));
  const { more, until } = readRelease(await values.get(releaseOf(source)));
  return {
    people,
    most: Math.max(safeguard.least, Math.floor((people * safeguard.lose) / 100)) + (now < until ? more : 0),
  };
}

/** `onHeld` is told each time which source is held, and how many may lose access. */
export function createSafeguard(
  ports: Counted & { attempts: Attempts },
  onHeld: (source: string, most: number) => void,
): Safeguard {
  const { attempts } = ports;
  return {
    async take(source, now) {
      const { id } = source;
      const { most } = await mostOf(ports, source, now);
      const counter = { key: counterOf(id), windowEndsAt: now + SAFEGUARD_MS, most };
      if ((await attempts.takeAll([counter], now)) !== undefined) return true;
      onHeld(id, most);
      return false;
    },
    giveBack: ({ id }, now) => attempts.giveBack([{ key: counterOf(id), by: 1 }], now),
  };
}

function readRelease(text: string | undefined): Release {
  return text === undefined ? { more: 0, until: 0 } : (JSON.parse(text) as Release);
}

/** Until when (epoch ms) people whom an operator released last may lose access; 0: none were. */
export async function releasedUntil(values: Pick<Values, 'get'>, source: string): Promise<number> {
  return readRelease(await values.get(releaseOf(source))).until;
}

/** How many lost access in the window that goes on, and how many may. */
export async function safeguardState(
  ports: { accounts: Pick<Accounts, 'countTerms'>; attempts: Attempts; values: Pick<Values, 'get'> },
  source: Guarded,
  now: number,
): Promise<{ closed: number; most: number; people: number }> {
  const [closed = 0] = await ports.attempts.peek([counterOf(source.id)], now);
  return { closed, ...(await mostOf(ports, source, now)) };
}

/** Lets so many more people of the source lose access within the next 24 hours, where `actor` may. */
export async function releaseSource(
  actor: Actor,
  source: string,
  { people, reason }: { people: number; reason?: string },
  { sources, values, now, randomBytes }: ReleasePorts,
): Promise<{ kind: 'released' } | SourceDenied> {
  const denied = deniedWith(actor, source, sources);
  if (denied !== undefined) return denied;
  const text = JSON.stringify({ more: people, until: now() + SAFEGUARD_MS } satisfies Release);
  const details = { source, people: String(people), ...(reason === undefined ? {} : { reason }) };
  for (;;) {
    const before = await values.get(releaseOf(source));
    const entry = entryBy(actor, { action: 'source.released', details }, { now, randomBytes });
    if (await values.replace(releaseOf(source), text, before, entry)) return { kind: 'released' };
  }
}
