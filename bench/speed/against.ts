/**
 * An installation that runs already, timed from outside: nothing of it is started, filled or ended, and no processor time is
 * known. Bounded, because it may be somebody's.
 */
import { quantile } from '../../test/support/statistics.ts';
import { type ActName, acts } from './acts.ts';
import type { Generator } from './ordering.ts';
import { targetOf } from './system.ts';
import { table } from './table.ts';
import { DISCOVERY } from './target.ts';

/** `client`: with its secret and redirect URI; `person`: with a password and no second factor. */
export type Against = {
  url: string;
  ownerAgrees: boolean;
  client: { id: string; secret: string; redirectUri: string } | undefined;
  person: { login: string; password: string } | undefined;
};
export type Timed = { act: ActName; p50Ms: number; p99Ms: number; perSecond: number; done: number };

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Asks no more than a few people would. */
export const MOST = { rounds: 20, connections: 16, burstMs: 2000 } as const;
const needsNobody: readonly ActName[] = ['discovery', 'jwks'];

/** Why this address is not asked anything; undefined: it is. */
export function refusalOf({ url, ownerAgrees }: Pick<Against, 'url' | 'ownerAgrees'>): string | undefined {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return `${url} is no address: give https://host`;
  if (parsed.origin !== url.replace(/\/$/, '')) return `${url}: give scheme, host and port only: ${parsed.origin}`;
  if (LOOPBACK.has(parsed.hostname) || ownerAgrees) return undefined;
  return `${parsed.hostname} is another machine: say --owner-agrees if whoever runs it knows, and wants it`;
}

/** The acts of `only` that can be done with what is known of the installation. */
export function actsFor({ client, person }: Pick<Against, 'client' | 'person'>, only: ActName[]): ActName[] {
  const known = client !== undefined && person !== undefined;
  return only.filter((act) => needsNobody.includes(act) || (known && acts[act].on === 'normal' && act !== 'totp'));
}

/** @throws Error where it does not answer, or refuses an act */
export async function timeAgainst(
  against: Against,
  options: { only: ActName[]; rounds: number; burstMs: number; connections: number },
  generator: Generator,
  tell: (what: string) => void,
): Promise<Timed[]> {
  const { origin, hostname, host, port, protocol } = new URL(against.url);
  const answer = await fetch(origin + DISCOVERY, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${origin} has no discovery document (${answer.status})`);
  const tls = protocol === 'https:';
  const at = { port: Number(port || (tls ? 443 : 80)), host, address: hostname.replace(/^\[|\]$/g, ''), tls };
  const target = targetOf('against', at, (await answer.json()) as Record<string, string>);
  const { client, person } = against;
  if (client !== undefined)
    Object.assign(target, { clients: [client.id], secret: client.secret, redirectUri: client.redirectUri });
  if (person !== undefined) Object.assign(target, { password: person.password, logins: [person.login] });
  const timed: Timed[] = [];
  const rounds = Math.min(options.rounds, MOST.rounds);
  const ms = Math.min(options.burstMs, MOST.burstMs);
  for (const act of actsFor(against, options.only)) {
    const bursts = [];
    for (let round = 0; round < rounds; round += 1) {
      tell(`round ${round + 1}: ${acts[act].title}`);
      try {
        await generator.prepare(act, target, Math.min(options.connections, MOST.connections));
        bursts.push(await generator.run(ms));
      } finally {
        await generator.close();
      }
    }
    const failures = bursts.flatMap(({ failures }) => failures);
    if (failures.length > 0) throw new Error(`${acts[act].title}: ${failures.slice(0, 3).join('; ')}`);
    const latencies = bursts.flatMap(({ latencies }) => latencies);
    const rates = bursts.map(({ done, ms }) => (done * 1000) / ms);
    timed.push({
      act,
      p50Ms: quantile(latencies, 0.5),
      p99Ms: quantile(latencies, 0.99),
      perSecond: quantile(rates, 0.5),
      done: latencies.length,
    });
  }
  return timed;
}

export function timedTable(timed: Timed[]): string {
  const rows = timed.map(({ act, p50Ms, p99Ms, perSecond, done }) => [
    acts[act].title,
    p50Ms.toFixed(1),
    p99Ms.toFixed(1),
    perSecond.toFixed(0),
    String(done),
  ]);
  return table(['act', 'p50, ms', 'p99, ms', 'a second', 'measured'], rows);
}
