/**
 * `/account/email`: the personal address. A person who has just signed in asks for another one or answers about one that a
 * feed gave; the link that is mailed to a new one confirms it, in a session of the same person.
 */
import type Koa from 'koa';
import { z } from 'zod';
import type { Translate } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import {
  type AddressFault,
  type AskedForAddress,
  addressesWithout,
  addressUnderWay,
  askForAddress,
  cancelAddress,
  confirmAddress,
  confirmationOf,
  readAddress,
  removeAddress,
} from '../../domain/account/change-address.ts';
import { answerAddress, heldForAnswer } from '../../domain/account/confirm-address.ts';
import { isHeld } from '../../domain/account/held-addresses.ts';
import type { AddressContext } from '../../domain/account/personal-address.ts';
import { ticketId } from '../../domain/tickets/ticket.ts';
import { readForm, readQuery, text, trimmed } from '../../http/form.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import { createSealedCookie } from '../../http/sealed-cookie.ts';
import { prepareTicket } from '../prepared-ticket.ts';
import type { Web } from '../web.ts';
import type { AccountFrame, Visitor } from './account-frame.ts';

const PAGE = '/account/email';
const shape = z.object({ action: trimmed(40), email: trimmed() });
const linkShape = z.object({ action: text(40), ticket: text(200) });

/** Handlers of `/account/email` and `/account/email/confirm`. */
export function createAccountEmail(web: Web, frame: AccountFrame) {
  const { pages, now, organisations } = web;
  const typed = createSealedCookie(web, 'email', z.object({ accountId: z.string(), email: z.string() }));
  const contextOf = ({ acting }: Visitor): AddressContext => ({
    ...acting,
    sealer: web.sealer,
    randomBytes: (size) => web.randomBytes(size),
  });

  async function show(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined || !frame.steppedUp(ctx, visitor)) return;
    const kept = typed.read(ctx);
    if (kept !== undefined) typed.clear(ctx);
    await render(ctx, visitor, kept?.accountId === visitor.account.id ? kept.email : '');
  }

  async function render(ctx: Koa.Context, visitor: Visitor, email: string, refused?: PageFault & { status?: number }) {
    const { account } = visitor;
    const { status, ...fault } = refused ?? {};
    const waiting = addressUnderWay(account, now());
    const held = account.personalEmail !== undefined && isHeld(account, account.personalEmail, now());
    await pages.render(
      ctx,
      'account/email',
      {
        ...fault,
        current: account.personalEmail,
        currentHeld: held
          ? account.heldAddresses?.find(({ address }) => address === account.personalEmail)?.until
          : undefined,
        typed: email,
        underWay: waiting && { address: waiting.sentTo ?? '', until: waiting.expiresAt },
        proposed: proposedTo(account, ctx),
        held: heldForAnswer(account, now()),
        instead: addressesWithout(account, now())[0],
        done: refused === undefined ? frame.done(ctx) : undefined,
      },
      {
        ...frame.page(ctx, visitor, 'email', pages.t(ctx)('personal.email_title')),
        ...(status === undefined ? {} : { status }),
      },
    );
  }

  async function submit(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action, email } = await readForm(ctx, shape);
    if (!frame.steppedUp(ctx, visitor, PAGE)) {
      if (action === 'change') typed.write(ctx, { accountId: visitor.account.id, email });
      return;
    }
    switch (action) {
      case 'change':
        return change(ctx, visitor, email);
      case 'cancel': {
        const { outcome } = await web.update(visitor.account.id, (read) => cancelAddress(read, visitor.acting));
        return frame.goTo(ctx, outcome.kind === 'gone' ? PAGE : `${PAGE}?done=address-cancelled`);
      }
      case 'confirm':
      case 'decline': {
        const undo = prepareTicket(web, visitor.account.id, 'email-undo');
        const answer = { address: email, confirmed: action === 'confirm', undo };
        const context = contextOf(visitor);
        const { outcome } = await web.update(visitor.account.id, (read) => answerAddress(read, answer, context));
        return frame.goTo(ctx, outcome.kind === 'gone' ? PAGE : `${PAGE}?done=address-${outcome.kind}`);
      }
      case 'remove':
        return remove(ctx, visitor);
      default:
        return frame.goTo(ctx, PAGE);
    }
  }

  async function remove(ctx: Koa.Context, visitor: Visitor): Promise<void> {
    const undo = prepareTicket(web, visitor.account.id, 'email-undo');
    const context = contextOf(visitor);
    const { outcome, account } = await web.update(visitor.account.id, (read) => removeAddress(read, undo, context));
    if (outcome.kind === 'gone') return frame.goTo(ctx, PAGE);
    if (outcome.kind === 'removed') return frame.goTo(ctx, `${PAGE}?done=address-removed`);
    const last = outcome.kind === 'last';
    const error = pages.t(ctx)(last ? 'personal.remove_last' : tooMany['too-many-changes']);
    return render(ctx, { ...visitor, account }, '', { error, errors: {}, status: last ? 409 : 429 });
  }

  async function change(ctx: Koa.Context, visitor: Visitor, email: string): Promise<void> {
    const t = pages.t(ctx);
    const read = readAddress(visitor.account, email, organisations);
    if (read.kind === 'fault') return render(ctx, visitor, email, faultOf(t, read.fault));
    const { address } = read;
    const prepared = prepareTicket(web, visitor.account.id, 'email-change');
    const { outcome, account } = await web.update(visitor.account.id, (before) =>
      askForAddress(before, { address, prepared }, visitor.acting),
    );
    if (outcome.kind === 'mailed') return frame.goTo(ctx, `${PAGE}?done=address-asked`);
    return render(ctx, { ...visitor, account }, email, { error: t(tooMany[outcome.kind]), errors: {}, status: 429 });
  }

  async function showConfirm(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { ticket: token } = readQuery(ctx, linkShape);
    const found = confirmationOf(visitor.account, ticketId(token), now());
    if (found === undefined) return showNot(ctx, visitor, token);
    const page = frame.page(ctx, visitor, 'email', pages.t(ctx)('personal.confirm_title'));
    const data = { token, address: found.sentTo ?? '', current: visitor.account.personalEmail };
    await pages.render(ctx, 'account/email-confirm', data, page);
  }

  async function confirm(ctx: Koa.Context): Promise<void> {
    const visitor = await frame.visitor(ctx);
    if (visitor === undefined) return;
    const { action, ticket: token } = await readForm(ctx, linkShape);
    if (action !== 'confirm') return frame.goTo(ctx, PAGE);
    const undo = prepareTicket(web, visitor.account.id, 'email-undo');
    const context = contextOf(visitor);
    const { outcome } = await web.update(visitor.account.id, (read) =>
      confirmAddress(read, ticketId(token), undo, context),
    );
    if (outcome.kind === 'dead') return showNot(ctx, visitor, token);
    frame.goTo(ctx, '/account?done=address-changed');
  }

  /** The link does nothing here: it was made for somebody else, or is dead. */
  async function showNot(ctx: Koa.Context, visitor: Visitor, token: string): Promise<void> {
    const t = pages.t(ctx);
    const holder = await web.accounts.findByTicket(ticketId(token));
    if (holder !== undefined && holder.id !== visitor.account.id) {
      const name = visitor.account.userNumbers[0] ?? visitor.account.emails[0] ?? visitor.account.givenName;
      const page = frame.page(ctx, visitor, 'email', t('personal.not_yours_title'));
      return pages.render(ctx, 'account/email-not-yours', { name }, { ...page, status: 403 });
    }
    const page = frame.page(ctx, visitor, 'email', t('personal.dead_title'));
    await pages.render(ctx, 'account/email-dead', {}, { ...page, status: 410 });
  }

  /** A personal address that a feed gave, and the name of who gave it. */
  function proposedTo({ proposedAddress, affiliations }: Account, ctx: Koa.Context) {
    if (proposedAddress === undefined) return undefined;
    const given = affiliations.find(({ source }) => source === proposedAddress.source)?.organisation;
    const name = organisations.find(({ id }) => id === given)?.name[languageOf(ctx)];
    return { address: proposedAddress.address, name: name ?? pages.t(ctx)('personal.proposed_somebody') };
  }

  return { show, submit, showConfirm, confirm };
}

const tooMany = {
  'too-many-mails': 'personal.email_too_many_mails',
  'too-many-changes': 'personal.email_too_many_changes',
} as const satisfies Record<Exclude<AskedForAddress['kind'], 'mailed'>, string>;

function faultOf(t: Translate, fault: AddressFault): PageFault {
  if (fault === 'missing') return faultAt('email', t('personal.email_missing'), t('pages.field_empty'));
  return faultAt('email', t(`personal.email_${fault}`), t(`personal.email_${fault}_field`));
}
