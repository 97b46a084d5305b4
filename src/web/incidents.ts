/** Notes what a page shows an incident number for, so that the service desk finds it by the number. */
import type Koa from 'koa';
import type { IncidentKind } from '../domain/incidents/incident.ts';
import type { LimitedNetwork } from '../domain/rate-limits/limits.ts';
import { visitorOf } from '../http/visitor.ts';
import type { IncidentNotes } from '../use-cases/incidents/note-incidents.ts';

/** `account`: who is signed in; absent: whom the request was seen to be of. */
export type Happened = { kind: IncidentKind; client?: string | undefined; account?: string | undefined };

export function createIncidents({
  incidentNotes,
  network,
  now,
  randomBytes,
}: {
  incidentNotes: IncidentNotes;
  network: (ctx: Koa.Context) => LimitedNetwork;
  now: () => number;
  randomBytes: (size: number) => Uint8Array;
}) {
  /** @returns the number, which the page shows and the log has: ten hex digits, short enough to read out */
  return function incident(ctx: Koa.Context, { kind, client, account = visitorOf(ctx) }: Happened): string {
    const id = Buffer.from(randomBytes(5)).toString('hex');
    const page: unknown = ctx._matchedRoute;
    incidentNotes.note(
      {
        id,
        at: now(),
        kind,
        ...(typeof page === 'string' ? { page } : {}),
        ...(client === undefined ? {} : { client }),
        ...(account === undefined ? {} : { account }),
      },
      network(ctx),
    );
    return id;
  };
}
