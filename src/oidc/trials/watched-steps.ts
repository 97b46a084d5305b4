/**
 * Notes each step of applications' sign-ins, in memory, and stores those that somebody watches a few seconds later. Nothing
 * is read while a request waits; where nobody watches, every few seconds' steps cost one small read in all.
 */
import type { KoaContextWithOIDC } from 'oidc-provider';
import { beside } from '../../domain/beside.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import { asWord, storable } from '../../domain/clients/refusals/refusal.ts';
import { MOST_STEPS_AT_ONCE, type WatchStep } from '../../domain/clients/watch/watch.ts';
import type { Watches } from '../../domain/ports/watches.ts';
import { incidentOf } from '../refusals/refusal.ts';
import { type ProtocolError, refusalOf } from '../refusals/refusal-codes.ts';
import { memoryOfRequest } from '../request.ts';
import { askedOf, type InterruptedBy } from '../sign-in/policy.ts';

/** Steps that wait on one node. About 1 MB. */
const MOST_WAITING = 4000;
const MOST_SCOPES = 20;
const LONGEST_WORD = 60;

export type WatchedSteps = {
  /** For the library's events in which an application is refused; the answer comes after it. */
  noteError(ctx: KoaContextWithOIDC, error: ProtocolError): void;
  /** For each answer. */
  note(ctx: KoaContextWithOIDC): void;
  /** Stores what is watched of what was noted, and forgets the rest. @throws what the storage throws */
  write(): Promise<void>;
};

export function createWatchedSteps({ watches, now }: { watches: Watches; now: () => number }): WatchedSteps {
  const errors = beside<ProtocolError>('error');
  let waiting = new Map<string, WatchStep[]>();
  let many = 0;
  let writing: Promise<void> = Promise.resolve();

  async function writeNow(): Promise<void> {
    const taken = waiting;
    waiting = new Map();
    many = 0;
    if (taken.size === 0 || !(await watches.any(now()))) return;
    for (const [client, steps] of taken) await watches.add(client, steps, now());
  }

  return {
    noteError(ctx, error) {
      if (errors.get(ctx) === undefined) errors.set(ctx, error);
    },
    note(ctx) {
      const client = ctx.oidc.client?.clientId;
      if (client === undefined || client === ownClientId || memoryOfRequest(ctx)?.trial !== undefined) return;
      const steps = stepsOf(ctx, now(), errors.get(ctx));
      if (steps.length === 0) return;
      const before = waiting.get(client);
      if (many >= MOST_WAITING || (before?.length ?? 0) >= MOST_STEPS_AT_ONCE) return;
      many += steps.length;
      if (before === undefined) waiting.set(client, steps);
      else before.push(...steps);
    },
    write() {
      writing = writing.catch(() => {}).then(writeNow);
      return writing;
    },
  };
}

/** What this answer means for the sign-in, in turn. */
function stepsOf(ctx: KoaContextWithOIDC, at: number, error: ProtocolError | undefined): WatchStep[] {
  const failed = error === undefined ? [] : [failure(ctx, at, error)];
  switch (ctx.oidc.route) {
    case 'pushed_authorization_request':
      return [{ at, kind: 'request', scopes: scopesOf(ctx), pushed: true }, ...failed];
    case 'authorization':
      return [{ at, kind: 'request', scopes: scopesOf(ctx) }, ...(error === undefined ? onward(ctx, at) : failed)];
    case 'resume': {
      const { result } = ctx.oidc;
      // an answer about consent repeats the sign-in that came before it
      const kind = result?.consent === undefined ? 'signed-in' : 'consented';
      const before: WatchStep[] = result?.login === undefined && kind === 'signed-in' ? [] : [{ at, kind }];
      return [...before, ...(error === undefined ? onward(ctx, at) : failed)];
    }
    case 'token': {
      const grant = ctx.oidc.params?.grant_type;
      if (error !== undefined) return failed;
      return ctx.status === 200 ? [{ at, kind: 'tokens', grant: word(typeof grant === 'string' ? grant : '') }] : [];
    }
    case 'userinfo':
      if (error !== undefined) return failed;
      return ctx.status === 200 ? [{ at, kind: 'userinfo' }] : [];
    case 'end_session_confirm':
      return error === undefined && ctx.status < 400 ? [{ at, kind: 'signed-out' }] : failed;
    default:
      return failed;
  }
}

/** Where the browser goes: to a question for its person, or back with a code. */
function onward(ctx: KoaContextWithOIDC, at: number): WatchStep[] {
  const { AuthorizationCode: code, Interaction: interaction } = ctx.oidc.entities;
  if (code !== undefined) return [{ at, kind: 'code-issued' }];
  // undefined, whatever Koa's types say, where a page is the answer
  const location = ctx.response.get('Location') as string | undefined;
  if (interaction === undefined || !location?.includes('/interaction/')) return [];
  const { step } = askedOf(interaction.prompt as InterruptedBy);
  return [{ at, kind: 'asked', step }];
}

function failure(ctx: KoaContextWithOIDC, at: number, error: ProtocolError): WatchStep {
  const refusal = refusalOf(ctx, error);
  if (refusal !== undefined) return { at, kind: 'refused', refusal, incident: incidentOf(ctx) };
  return { at, kind: 'answered', error: word(error.error ?? 'server_error') };
}

const word = (text: string) => storable(text, LONGEST_WORD);

function scopesOf({ oidc }: KoaContextWithOIDC): string[] {
  const { scope } = oidc.params ?? {};
  if (typeof scope !== 'string') return [];
  return scope
    .split(' ')
    .slice(0, MOST_SCOPES)
    .map((each) => word(asWord(each)));
}
