/** What is noted of the applications' activity: what they were refused, when they were used, and each step that somebody watches. */
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import { contained } from '../domain/contained.ts';
import { createClientUseNotes } from './clients/client-uses.ts';
import type { OidcOptions } from './oidc.ts';
import type { Log } from './page-sources.ts';
import { createRefusalNotes, type RefusalNotesOptions } from './refusals/refusals.ts';
import { memoryOfRequest } from './request.ts';
import { createWatchedSteps } from './trials/watched-steps.ts';
import { createWatches } from './trials/watches.ts';

export function createActivity(options: {
  storage: Pick<OidcOptions['storage'], 'clientUses' | 'protocolRecords' | 'refusals'>;
  network: RefusalNotesOptions['network'];
  now: () => number;
  log: Pick<Log, 'error'>;
  onRefusal: OidcOptions['onRefusal'];
  onSignIn: OidcOptions['onSignIn'];
}) {
  const { storage, network, now, log, onRefusal } = options;
  const refusals = createRefusalNotes({ refusals: storage.refusals, now, network, onRefusal });
  const uses = createClientUseNotes({ clientUses: storage.clientUses, now });
  const watches = createWatches(storage.protocolRecords);
  const watched = createWatchedSteps({ watches, now });
  return {
    watches,
    noteUse: uses.note,
    noteRefusal(ctx: KoaContextWithOIDC, error: errors.OIDCProviderError): void {
      watched.noteError(ctx, error);
      // who tries an application is told himself
      if (memoryOfRequest(ctx)?.trial === undefined) refusals.noteError(ctx, error);
    },
    noteSignIn(clientId: string, amr: readonly string[]): void {
      if (memoryOfRequest()?.trial === undefined) {
        uses.note(clientId, 'sign-in');
        options.onSignIn?.(clientId, amr);
      }
    },
    /** It only tells: what fails in it does not fail the request. */
    noteHints: contained(
      (ctx: KoaContextWithOIDC) => {
        refusals.noteHints(ctx);
        watched.note(ctx);
      },
      (err) => log.error({ err }, 'what an application was refused could not be noted'),
    ),
    /** Stores what was refused and what is watched. @throws what the storage throws */
    async writeRefusals(): Promise<void> {
      await Promise.all([refusals.write(), watched.write()]);
    },
    writeUses: uses.write,
  };
}
