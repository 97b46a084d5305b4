/** Gives the library an account: only while it is open, with the claims that are released. */
import type { FindAccount, KoaContextWithOIDC, Account as LibraryAccount } from 'oidc-provider';
import type { Account } from '../../domain/account/account.ts';
import { isOpen } from '../../domain/account/account-access.ts';
import type { Accounts } from '../../domain/ports/accounts.ts';
import type { Lapse } from '../../domain/sign-in/reason.ts';
import { memoryOfRequest, noteRefusal, readAccount } from '../request.ts';
import { RELEASED, type Releasing } from '../tokens/releasing.ts';

type FoundAccount = LibraryAccount & { record: Account };

/** The account of the current request. Undefined until the library has loaded it. */
export function accountIn(ctx: KoaContextWithOIDC): Account | undefined {
  return (ctx.oidc.account as FoundAccount | undefined)?.record;
}

/** The library's `findAccount`. Finds nothing if the account has ended or the session has an older epoch (rule 12). */
export function createFindAccount(options: {
  accounts: Pick<Accounts, 'findById'>;
  releasing: Pick<Releasing, 'claims'>;
  now: () => number;
}): FindAccount {
  return async (ctx, sub) => {
    const account = await readAccount(options.accounts, sub);
    const session = ctx.oidc.session as { accountId?: string; epoch?: number } | undefined;
    const ofSession = session?.accountId === sub;
    if (account === undefined || !isOpen(account, options.now())) return lapsed('account-closed', ofSession);
    if (ofSession && session.epoch !== account.credentialsEpoch) return lapsed('credentials-changed', ofSession);
    const found: FoundAccount = {
      accountId: account.id,
      record: account,
      claims: (use, scope, claims) => {
        const place = use === 'id_token' ? 'id_token' : 'userinfo';
        return { sub: account.id, [RELEASED]: options.releasing.claims(ctx, account, place, scope, claims) };
      },
    };
    return found;
  };
}

function lapsed(because: Lapse, ofSession: boolean): undefined {
  const memory = memoryOfRequest();
  if (ofSession && memory !== undefined) memory.lapsed = because;
  if (!ofSession) noteRefusal(because);
}
