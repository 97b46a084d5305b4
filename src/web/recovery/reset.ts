/**
 * `/reset`: leads from the mailed link, past an existing factor, to a new password (journey B.6, rules 8 and 11). One
 * URL; what is stored decides the page.
 */
import type Koa from 'koa';
import { z } from 'zod';
import { resetPassword, resetStage } from '../../domain/passwords/reset.ts';
import { readForm, readQuery, text, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { createSealedCookie } from '../../http/sealed-cookie.ts';
import { createNewPassword, newPasswordFields } from '../new-password.ts';
import { signingBrowserOf } from '../sign-in/signing-browser.ts';
import { holderOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';
import { createResetFactor } from './reset-factor.ts';
import { createResetPages, PATH } from './reset-pages.ts';
import { proofShape, type ResetProof, type Resetting } from './reset-proof.ts';

const formShape = z.object({
  ...newPasswordFields,
  action: text(40),
  ticket: text(200),
  code: trimmed(100),
  passkey: text(20_000),
  way: text(20),
});

/** Handlers of `/reset` and `/reset/check`. */
export function createReset(web: Web) {
  const { accounts, sessions } = web;
  const { showLink, showPassword, showDone, showDead, showEnded, ownerOf } = createResetPages(web);
  const proofs = createSealedCookie(web, 'reset', proofShape);
  const newPassword = createNewPassword(web);
  const factor = createResetFactor(web, { keep: (ctx, proof) => proofs.write(ctx, proof), goOn });

  /** GET. Changes only the challenge of the passkey question. */
  async function show(ctx: Koa.Context): Promise<void> {
    web.browsers.greet(ctx); // what the next form leaves in this browser is bound to it
    const query = readQuery(ctx, z.object({ ticket: text(200), way: text(20) }));
    if (query.ticket !== '') {
      const { holder } = await holderOf(web, query.ticket, 'reset');
      return holder === undefined ? showDead(ctx) : showLink(ctx, query.ticket, holder);
    }
    const proof = proofs.read(ctx);
    if (proof === undefined) return goTo(ctx, '/forgotten');
    if (proof.kind === 'done') return afterwards(ctx, proof);
    const resetting = await load(web, proof);
    if (resetting === undefined) return showDead(ctx);
    switch (resetting.stage.kind) {
      case 'factor':
        return factor.show(ctx, resetting, query.way);
      case 'password':
        return showPassword(ctx, resetting.account);
      case 'ended':
        return showEnded(ctx, resetting.account);
      case 'expired':
        return showDead(ctx);
    }
  }

  async function submit(ctx: Koa.Context): Promise<void> {
    const form = await readForm(ctx, formShape);
    if (form.action === 'continue') return openLink(ctx, form.ticket);
    const proof = proofs.read(ctx);
    if (proof === undefined) return showDead(ctx, true);
    const resetting = proof.kind === 'ticket' ? await load(web, proof) : undefined;
    if (resetting === undefined) return goOn(ctx);
    const { kind } = resetting.stage;
    if (kind === 'factor' && form.action !== 'set-password') return factor.submit(ctx, resetting, form);
    if (kind === 'password' && form.action === 'set-password') return setPassword(ctx, resetting, form);
    return goOn(ctx);
  }

  async function openLink(ctx: Koa.Context, token: string): Promise<void> {
    const { holder } = await holderOf(web, token, 'reset');
    if (holder === undefined) return showDead(ctx);
    proofs.write(ctx, { kind: 'ticket', accountId: holder.account.id, ticketId: holder.ticketId });
    goOn(ctx);
  }

  async function setPassword(ctx: Koa.Context, resetting: Resetting, form: z.output<typeof formShape>): Promise<void> {
    const { account, ticketId, proof } = resetting;
    const judged = await newPassword.judge(ctx, ownerOf(account), form);
    if (judged.error !== undefined) return showPassword(ctx, account, judged);
    const passwordHash = await web.hashing.hash(form.password);
    const { proven } = proof;
    const acting = web.acting(ctx);
    const browser = await signingBrowserOf(web, ctx, account);
    const { outcome, account: next } = await web.update(account.id, (read) =>
      resetPassword(read, ticketId, { passwordHash, proven, browser }, acting),
    );
    if (outcome.kind !== 'reset') return goOn(ctx);
    // The factor was proven in this browser for this reset, so it counts in the session.
    const counts = proven !== undefined && proven.epoch === outcome.epoch - 1;
    const amr = counts ? [...new Set(['pwd', ...proven.amr, 'mfa'])] : ['pwd'];
    const resume = await sessions.start(ctx, { accountId: next.id, amr, epoch: outcome.epoch });
    web.knownBrowsers.remember(ctx, next);
    proofs.write(ctx, { kind: 'done', accountId: next.id, ...(resume === undefined ? {} : { resume }) });
    goOn(ctx);
  }

  /** Redirects once to the request that waited; otherwise shows that the reset is done. */
  async function afterwards(
    ctx: Koa.Context,
    { accountId, resume }: { accountId: string; resume?: string | undefined },
  ) {
    const session = await sessions.current(ctx);
    const account = session?.accountId === accountId ? await accounts.findById(accountId) : undefined;
    if (account === undefined) return showDead(ctx);
    if (resume !== undefined) {
      proofs.write(ctx, { kind: 'done', accountId });
      return goTo(ctx, resume);
    }
    return showDone(ctx, account);
  }

  /** POST /reset/check. Answers only a visitor who is past the second step. */
  const check = (ctx: Koa.Context) =>
    newPassword.answerTyping(ctx, async () => {
      const proof = proofs.read(ctx);
      const resetting = proof?.kind === 'ticket' ? await load(web, proof) : undefined;
      return resetting?.stage.kind === 'password' ? ownerOf(resetting.account) : undefined;
    });

  return { show, submit, check };
}

/** The current stage of a reset. Undefined if its account was deleted. */
async function load(web: Web, proof: ResetProof): Promise<Resetting | undefined> {
  const account = await web.accounts.findById(proof.accountId);
  if (account === undefined) return undefined;
  const stage = resetStage(account, proof.ticketId, proof.proven, web.now());
  return { account, ticketId: proof.ticketId, proof, stage };
}

function goOn(ctx: Koa.Context): void {
  goTo(ctx, PATH);
}
