/**
 * `/activate`: leads from a number or link to an active account (journeys A.1–5, B.1–3). One URL; what is stored
 * decides the page.
 */
import type Koa from 'koa';
import { z } from 'zod';
import { languageNamed } from '../../domain/account/languages.ts';
import { readForm, readQuery, text, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { createSealedCookie } from '../../http/sealed-cookie.ts';
import { createEnrolment, enrolmentFields } from '../enrolment/enrolment.ts';
import { createNewPassword, newPasswordFields } from '../new-password.ts';
import { brandingOf, holderOf } from '../ticket-holder.ts';
import type { Web } from '../web.ts';
import { createActivateNumber } from './activate-number.ts';
import { createActivateSteps } from './activate-steps.ts';
import { createActivated, goOn, proofShape } from './activated.ts';
import { createLinkPages } from './link-pages.ts';
import { pageOf } from './number-pages.ts';

const queryShape = z.object({
  /** If empty: the first page, even if an activation is in progress in this browser. */
  number: z.string().trim().max(100).optional(),
  /** If set: the email step, even if a code was sent. */
  again: text(10),
  ticket: text(200),
  step: text(20),
});
const formShape = z.object({
  ...enrolmentFields,
  ...newPasswordFields,
  number: trimmed(100),
  email: trimmed(320),
  ticket: text(200),
});

/** Handlers of `/activate`, `/activate/check` and the old printed URLs. */
export function createActivation(web: Web) {
  const { accounts } = web;
  const proofs = createSealedCookie(web, 'activate', proofShape);
  const enrolment = createEnrolment(web);
  const newPassword = createNewPassword(web);
  const number = createActivateNumber(web);
  const { showLink, showDead, showEnded } = createLinkPages(web);
  const activated = createActivated(web, proofs, enrolment);
  const steps = createActivateSteps(web, enrolment, activated);

  /** GET. Never changes anything (rule 11). */
  async function show(ctx: Koa.Context): Promise<void> {
    web.browsers.greet(ctx); // what the next form leaves in this browser is bound to it
    const query = readQuery(ctx, queryShape);
    if (query.ticket !== '') return followLink(ctx, query.ticket);
    if (query.number !== undefined && query.number !== '') return number.show(ctx, query.number, query.again !== '');
    const proof = query.number === undefined ? proofs.read(ctx) : undefined;
    if (proof === undefined) return number.showForm(ctx);
    if (proof.kind === 'done' && (await activated.show(ctx, proof))) return;
    const account = await accounts.findById(proof.accountId);
    if (account === undefined) return number.showForm(ctx);
    const holder = { account, ticketId: proof.kind === 'ticket' ? proof.ticketId : '' };
    const stage = steps.stageOf(ctx, holder);
    switch (stage.kind) {
      case 'password':
      case 'factor':
        return steps.show(ctx, holder, stage, query.step);
      case 'already-active':
        return number.showActive(ctx, brandingOf(web, ctx, account).number);
      case 'expired':
        return showDead(ctx, holder.account);
      case 'ended':
        return showEnded(ctx, holder);
    }
  }

  /** POST. One action; then a redirect to the next page (303), or the same page with its fault (422). */
  async function submit(ctx: Koa.Context): Promise<void> {
    const form = await readForm(ctx, formShape);
    switch (form.action) {
      case 'send':
        return form.number === '' ? number.showForm(ctx, '', 'number_missing') : goTo(ctx, pageOf(form.number));
      case 'send-code':
        return form.ticket === '' ? number.sendCode(ctx, form) : sendCodeFor(ctx, form.ticket);
      case 'continue':
        return openLink(ctx, form.ticket);
      case 'verify': {
        const proof = await number.verify(ctx, form);
        if (proof !== undefined) begin(ctx, proof.accountId, proof.ticketId);
        return;
      }
      default:
        return submitStep(ctx, form);
    }
  }

  async function submitStep(ctx: Koa.Context, form: z.output<typeof formShape>): Promise<void> {
    const proof = proofs.read(ctx);
    if (proof?.kind === 'done') return activated.submit(ctx, proof, form);
    const account = proof === undefined ? undefined : await accounts.findById(proof.accountId);
    // The page was open longer than its cookie lives. Say so instead of starting over.
    if (proof === undefined || account === undefined) return showDead(ctx, undefined, { waited: true });
    return steps.submit(ctx, { account, ticketId: proof.ticketId }, form);
  }

  async function followLink(ctx: Koa.Context, token: string): Promise<void> {
    const { holder, account } = await holderOf(web, token, 'activation');
    if (holder === undefined) return showDead(ctx, account, { token });
    const stage = steps.stageOf(ctx, holder);
    if (stage.kind === 'already-active') return number.showActive(ctx, brandingOf(web, ctx, holder.account).number);
    if (stage.kind === 'ended') return showEnded(ctx, holder);
    const factor = stage.kind === 'factor' || (stage.kind === 'password' && stage.secondFactorRequired);
    return showLink(ctx, token, holder, factor);
  }

  /** Called after a right code or link: this browser now holds the ticket. */
  function begin(ctx: Koa.Context, accountId: string, ticketId: string): void {
    proofs.write(ctx, { kind: 'ticket', accountId, ticketId });
    goOn(ctx);
  }

  async function openLink(ctx: Koa.Context, token: string): Promise<void> {
    const { holder, account } = await holderOf(web, token, 'activation');
    if (holder === undefined) return showDead(ctx, account, { token });
    begin(ctx, holder.account.id, holder.ticketId);
  }

  /** `send-code` on the page of a link that no longer works: to the address on file, which got that link. */
  async function sendCodeFor(ctx: Koa.Context, token: string): Promise<void> {
    const { account } = await holderOf(web, token, 'activation');
    if (account === undefined) return showDead(ctx, undefined);
    await number.sendCodeTo(ctx, account);
  }

  /** POST /activate/check. Answers only a browser that holds a ticket. */
  const check = (ctx: Koa.Context) =>
    newPassword.answerTyping(ctx, async () => {
      const proof = proofs.read(ctx);
      if (proof?.kind !== 'ticket') return undefined;
      const account = await accounts.findById(proof.accountId);
      return account && steps.ownerOf(ctx, { account, ticketId: proof.ticketId });
    });

  return { show, submit, check, old: fromOldAddress };
}

/** GET of a URL that was printed in the past: `inet` is the number, `lang` is N or E. */
function fromOldAddress(ctx: Koa.Context): void {
  const first = (value: unknown) => (typeof value === 'string' ? value.trim() : '');
  const target = new URLSearchParams();
  const named = first(ctx.query.number) || first(ctx.query.inet);
  if (named !== '') target.set('number', named);
  const language = languageNamed(ctx.query.lang);
  if (language !== undefined) target.set('lang', language);
  goTo(ctx, target.size === 0 ? '/activate' : `/activate?${target}`);
}
