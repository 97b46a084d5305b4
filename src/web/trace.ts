/**
 * Leaves the trace of every password, code and passkey that is given on a page: a log line for a failure, counters, an
 * audit entry on the account (rule 31). `guessPassword`, `guessCode`, `guessMailedCode` and `provePasskey` call it.
 */
import type Koa from 'koa';
import { failureEntries } from '../domain/sign-in/proof.ts';
import type { Network } from '../http/client-address.ts';
import type { Web, WebDeps } from './web.ts';

export function createTrace(
  deps: Pick<WebDeps, 'attempts' | 'audit' | 'log' | 'now' | 'onProof' | 'randomBytes' | 'sealer'>,
  network: (ctx: Koa.Context) => Network,
): Web['trace'] {
  const { attempts, audit, log, now, onProof, randomBytes, sealer } = deps;
  return async (ctx, proof, counters = attempts) => {
    onProof(proof);
    if (proof.outcome === 'right') return;
    const { place, factor, outcome, login, account, client, knownBrowser } = proof;
    const { address, groups, name } = network(ctx);
    // examples/fail2ban.conf reads the first five in this order
    log.warn(
      {
        event: 'sign-in-failed',
        place,
        factor,
        outcome,
        address,
        network: name ?? groups[0],
        ...(client === undefined ? {} : { client }),
        ...(login === undefined ? {} : { loginMac: sealer.mac('login-in-log', login) }),
        ...(account === undefined ? {} : { account }),
        ...(knownBrowser === true ? { knownBrowser } : {}),
      },
      'a sign-in failed',
    );
    for (const entry of await failureEntries(counters, proof, address, now())) {
      audit({ id: Buffer.from(randomBytes(12)).toString('base64url'), ...entry });
    }
  };
}
