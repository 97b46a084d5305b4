/** The second page of a sign-in: a code, a passkey or security key, or a recovery code. */
import type Koa from 'koa';
import type { Account } from '../domain/account.ts';
import { takeFactorGuess } from '../domain/guessing.ts';
import { matchRecoveryCode } from '../domain/recovery-code.ts';
import { type Evidence, tellPasswordKnown } from '../domain/sign-in.ts';
import { matchTotp } from '../domain/totp.ts';
import { languageOf } from './language.ts';
import { askPasskey, checkPasskey } from './passkey-question.ts';
import type { Flow, Refusal, SignIn, SignInForm } from './sign-in-state.ts';
import type { Web } from './web.ts';

export type Way = 'code' | 'passkey' | 'recovery';
type Refused = Refusal | 'wrong' | 'too-many' | 'passkey';

/** The ways this account has, the one used last first; a recovery code is never the first. */
export function waysOf(account: Account): Way[] {
  const lastUse = (factors: { lastUsedAt?: number; createdAt: number }[]) =>
    Math.max(0, ...factors.map(({ lastUsedAt, createdAt }) => lastUsedAt ?? createdAt));
  const ways: Way[] = [];
  if (account.totps.length > 0) ways.push('code');
  if (account.passkeys.length > 0) ways.push('passkey');
  if (lastUse(account.passkeys) > lastUse(account.totps)) ways.reverse();
  if ((account.recoveryCodes?.macs.length ?? 0) > 0) ways.push('recovery');
  return ways;
}

export function createFactor(web: Web, flow: Flow) {
  async function show(ctx: Koa.Context, signIn: SignIn, wished: unknown, refused?: Refused, typed = '') {
    const { account, interaction, organisation } = signIn;
    if (account === undefined) throw new TypeError('a second factor belongs to an account');
    const t = web.pages.t(ctx);
    const ways = waysOf(account);
    const way = ways.find((each) => each === wished) ?? ways[0] ?? 'code';
    let options: string | undefined;
    if (way === 'passkey') {
      const question = await askPasskey(web, account, signIn.pending.challenge);
      options = question.options;
      if (question.challenge !== signIn.pending.challenge) {
        await flow.keep(signIn, { ...signIn.pending, challenge: question.challenge });
      }
    }
    const message = refused === undefined ? undefined : messageOf(refused, way);
    const fields = ['code_wrong', 'code_used', 'recovery_wrong', 'recovery_used'] as const;
    const beside = fields.find((each) => each === message);
    await web.pages.render(
      ctx,
      'interaction/factor',
      {
        ...(beside === undefined ? {} : { errors: { code: t(`signIn.${beside}_field`) } }),
        error: message === undefined ? undefined : t(`signIn.${message}`),
        path: ctx.path,
        way,
        typed,
        others: ways.filter((each) => each !== way),
        options,
        person: account.userNumbers[0] ?? account.emails[0] ?? '',
        application: interaction.client.name[languageOf(ctx)],
      },
      {
        title: t(`signIn.${way}_title`),
        at: `${ctx.path}?way=${way}`,
        organisation,
        ...(refused === 'too-many' ? { status: 429 } : {}),
        postMayLeave: true,
        webauthn: way === 'passkey',
      },
    );
  }

  return {
    show: (ctx: Koa.Context, signIn: SignIn, way: unknown) => show(ctx, signIn, way),

    async submit(ctx: Koa.Context, signIn: SignIn, form: SignInForm) {
      const { account } = signIn;
      if (account === undefined) return flow.goOn(ctx);
      if (form.action === 'passkey') return submitPasskey(ctx, signIn, account, form);
      const knownBrowser = web.devices.knownTo(ctx, account);
      const guess = { accountId: account.id, ...(knownBrowser === undefined ? {} : { knownBrowser }) };
      const taken = await takeFactorGuess(web.attempts, guess, web.now());
      if (!taken.allowed) {
        if (taken.tellOwner === true) await tellOwner(ctx, account);
        ctx.set('Retry-After', String(taken.retryAfterSeconds));
        return show(ctx, signIn, form.way, 'too-many', form.code);
      }
      const evidence = evidenceOf(web, account, form.code);
      if (evidence === undefined) return show(ctx, signIn, form.way, 'wrong', form.code);
      const refused = await flow.accept(ctx, signIn, account, signIn.amr, evidence);
      if (refused !== undefined) return show(ctx, signIn, form.way, refused);
      await taken.giveBack();
    },
  };

  async function submitPasskey(ctx: Koa.Context, signIn: SignIn, account: Account, form: SignInForm) {
    const { challenge, ...pending } = signIn.pending;
    const fresh = { ...signIn, pending };
    const answer = await checkPasskey(web, form.passkey, challenge, async () => account);
    if (answer === undefined) return show(ctx, fresh, 'passkey', 'passkey');
    const refused = await flow.accept(ctx, fresh, account, signIn.amr, answer.evidence);
    if (refused !== undefined) await show(ctx, fresh, 'passkey', refused === 'used' ? 'passkey' : refused);
  }

  async function tellOwner(ctx: Koa.Context, { id }: Account): Promise<void> {
    const about = { organisations: web.organisations, network: web.network(ctx).group, now: web.now() };
    await web.update(id, (each) => tellPasswordKnown(each, about));
  }
}

/** One field takes both: six digits are the application's, ten letters a recovery code. Nothing is spent yet. */
export function evidenceOf(web: Pick<Web, 'sealer' | 'now'>, account: Account, typed: string): Evidence | undefined {
  for (const { id, sealedSeed } of account.totps) {
    // 0 instead of the last step: that a code was used before is found, and said, by the write that spends it
    const step = matchTotp(web.sealer.open(sealedSeed, account.id, 'totp'), typed, 0, web.now());
    if (step !== undefined) return { kind: 'totp', factorId: id, step };
  }
  const mac = matchRecoveryCode(account, typed, web.sealer);
  return mac === undefined ? undefined : { kind: 'recovery-code', mac };
}

function messageOf(refused: Refused, way: Way) {
  switch (refused) {
    case 'too-many':
      return 'factor_too_many';
    case 'passkey':
      return 'passkey_refused';
    case 'other-account':
      return 'other_account';
    case 'used':
      return way === 'recovery' ? 'recovery_used' : 'code_used';
    case 'changed':
      return 'changed';
    case 'wrong':
      return way === 'recovery' ? 'recovery_wrong' : 'code_wrong';
  }
}
