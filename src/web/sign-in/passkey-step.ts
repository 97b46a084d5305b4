/** A passkey that is given in a sign-in, alone or after the password. Its question on the page is answered once. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import type { Web } from '../web.ts';
import { firstChallenge, provePasskey } from './passkey-question.ts';
import type { Flow, SignIn, SignInForm } from './sign-in-state.ts';

/**
 * @param known the person who has proven a password; absent: the passkey stands in for it too, and says who it is
 * @returns `refused`: the reason, or undefined where the sign-in goes on; `answered`: the sign-in without the question
 * @throws what the storage throws
 */
export async function proveInSignIn(
  web: Web,
  flow: Flow,
  ctx: Koa.Context,
  signIn: SignIn,
  { passkey: typed }: SignInForm,
  known?: Account,
) {
  const { challenge, ...pending } = signIn.pending;
  const answered = { ...signIn, pending };
  const proven = known === undefined ? [] : signIn.amr;
  const refused = await provePasskey(
    web,
    ctx,
    {
      place: 'sign-in',
      client: signIn.interaction.client.id,
      typed,
      challenge: challenge ?? (known === undefined ? firstChallenge(web, signIn.interaction) : undefined),
      alone: known === undefined, // the passkey replaces the password, so it must have verified its user
      find: async (credentialId) => known ?? web.accounts.findByPasskey(credentialId),
    },
    (account, evidence) => flow.accept(ctx, answered, account, proven, evidence),
  );
  return { refused, answered };
}
