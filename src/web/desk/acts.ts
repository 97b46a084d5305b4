/** `/desk/people/:id/:act`: what an act does, the reason for it, and the button that does it; and the answers of a colleague. */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { needsColleague, PASS_SECONDS } from '../../domain/desk/credential-acts.ts';
import type { CredentialAct } from '../../domain/desk/desk-record.ts';
import { maskedAddress } from '../../domain/factors/first-factor.ts';
import { readForm, text, trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { faultAt, type PageFault } from '../../http/page.ts';
import {
  type Acted,
  approveAtDesk,
  askAtDesk,
  collectAtDesk,
  type DeskDeps,
  declineAtDesk,
  endSessionsAtDesk,
  noteAtDesk,
  stopRecoveryAtDesk,
} from '../../use-cases/desk/act-at-desk.ts';
import { liftSuspensionOf, suspendPerson } from '../../use-cases/people/suspend.ts';
import type { Administrator, ConsoleHandler } from '../console/frame.ts';
import type { Web } from '../web.ts';
import type { DeskFrame } from './frame.ts';
import type { PersonPage } from './person.ts';
import { actsFor, type DeskAct, deskActs } from './person-acts.ts';

const form = z.object({ reason: text(2000), address: trimmed(400), kind: text(20), until: trimmed(40) });
const noteForm = z.object({ note: text(2000) });
const requestForm = z.object({ action: text(20) });
type Typed = z.output<typeof form>;

const unfit: Record<Extract<Acted, { kind: 'refused' }>['because'] | 'no-day' | 'over', MessageKey> = {
  'no-day': 'desk.no_day',
  over: 'desk.day_over',
  'no-reason': 'desk.no_reason',
  'bad-address': 'desk.bad_address',
  'has-role': 'desk.unfit_gone',
  'never-active': 'desk.unfit_never_active',
  active: 'desk.unfit_active',
  closed: 'desk.unfit_closed',
  'no-address': 'desk.unfit_no_address',
  'enough-mailed': 'desk.unfit_enough_mailed',
  unchanged: 'desk.unfit_unchanged',
  asked: 'desk.unfit_asked',
  gone: 'desk.unfit_gone',
  'same-agent': 'desk.unfit_same_agent',
};

export function createActs(web: Web, frame: DeskFrame, person: PersonPage) {
  const { pages, ports, now, sealer, organisations, randomBytes, lifetimes } = web;
  const deps: DeskDeps = {
    ...{ ...ports, now, sealer, organisations, randomBytes },
    accounts: {
      ...ports.accounts,
      // the answer to the act shows it among what happened, and its emails leave now
      replace: async (account, expectedRevision) => {
        const won = await ports.accounts.replace(account, expectedRevision);
        if (won) web.dispatchEffects(account);
        return won;
      },
    },
    activationCodeSeconds: lifetimes.activationCodeSeconds,
  };

  const pathOf = ({ id }: Account) => `/desk/people/${encodeURIComponent(id)}`;

  /** @throws HttpError 404 for what is no act, or none for this person now */
  function actOf(ctx: Koa.Context, account: Account): DeskAct {
    const act = deskActs.find((each) => each === ctx.params.act);
    if (act === undefined || !actsFor(account, organisations, now()).includes(act)) throw new HttpError(404, 'missing');
    return act;
  }

  async function render(
    ctx: Koa.Context,
    agent: Administrator,
    account: Account,
    act: DeskAct,
    typed: Typed = { reason: '', address: '', kind: '', until: '' },
    fault?: PageFault,
  ): Promise<void> {
    const t = pages.t(ctx);
    const address = account.personalEmail === undefined ? t('desk.none') : maskedAddress(account.personalEmail);
    const credential = credentialOf(act, 'x@example.org');
    await pages.render(
      ctx,
      'desk/act',
      {
        path: `${pathOf(account)}/${act}`,
        back: pathOf(account),
        act,
        what: t(`desk.act_${act}_what`, { address }),
        second: act !== 'address' && credential !== undefined && needsColleague(account, credential, now()),
        dangerous: act === 'suspend',
        typed,
        ...fault,
      },
      await frame.page(ctx, agent, {
        room: 'find',
        title: t(`desk.act_${act}`),
        crumbs: [
          { href: '/desk', label: t('desk.room_find') },
          { href: pathOf(account), label: `${account.givenName} ${account.familyName}`.trim() },
        ],
      }),
    );
  }

  const show: ConsoleHandler = async (ctx, agent) => {
    const account = await frame.person(ctx, agent);
    await render(ctx, agent, account, actOf(ctx, account));
  };

  const submit: ConsoleHandler = async (ctx, agent) => {
    const account = await frame.person(ctx, agent);
    const act = actOf(ctx, account);
    const typed = await readForm(ctx, form);
    const refuse = (because: keyof typeof unfit) => render(ctx, agent, account, act, typed, faultOf(ctx, because));
    const credential = credentialOf(act, typed.address);
    if (credential !== undefined) {
      const acted = await askAtDesk(agent.actor, account.id, { act: credential, reason: typed.reason }, deps);
      if (acted.kind === 'refused') return refuse(acted.because);
      return answer(ctx, agent, account.id, acted);
    }
    if (act === 'sessions') {
      const ended = await endSessionsAtDesk(agent.actor, account.id, typed.reason, deps);
      if (ended.kind === 'no-reason') return refuse('no-reason');
      return ended.kind === 'ended' ? toPerson(ctx, account.id, 'sessions') : missing();
    }
    if (act === 'recovery') {
      const stopped = await stopRecoveryAtDesk(agent.actor, account.id, typed.reason, deps);
      if (stopped.kind === 'no-reason') return refuse('no-reason');
      return stopped.kind === 'not-found' ? missing() : toPerson(ctx, account.id, 'recovery');
    }
    if (act === 'suspend') {
      const kind = typed.kind === 'administrative' ? 'administrative' : 'security';
      const until = typed.until === '' ? {} : { until: typed.until };
      const done = await suspendPerson(agent.actor, account.id, { kind, reason: typed.reason, ...until }, deps);
      if (done.kind === 'refused') return refuse(done.because);
      return done.kind === 'suspended' ? toPerson(ctx, account.id, 'suspended') : missing();
    }
    const lifted = await liftSuspensionOf(agent.actor, account.id, typed.reason, deps);
    if (lifted.kind === 'refused') return refuse('no-reason');
    return lifted.kind === 'lifted' || lifted.kind === 'not-suspended'
      ? toPerson(ctx, account.id, 'lifted')
      : missing();
  };

  const note: ConsoleHandler = async (ctx, agent) => {
    const account = await frame.person(ctx, agent);
    const typed = await readForm(ctx, noteForm);
    const noted = await noteAtDesk(agent.actor, account.id, typed.note, deps);
    if (noted.kind === 'not-found') throw new HttpError(404, 'missing');
    if (noted.kind === 'noted') return toPerson(ctx, account.id, 'noted');
    const t = pages.t(ctx);
    return person.render(ctx, agent, account, faultAt('note', t('desk.no_reason'), t('desk.no_reason_field')));
  };

  /** A colleague agrees or not; the agent who asked takes it back, or shows the pass. */
  const decide: ConsoleHandler = async (ctx, agent) => {
    const account = await frame.person(ctx, agent);
    const { action } = await readForm(ctx, requestForm);
    const request = String(ctx.params.request);
    const { actor } = agent;
    if (action === 'approve')
      return answer(ctx, agent, account.id, await approveAtDesk(actor, account.id, request, deps));
    if (action === 'show-pass')
      return answer(ctx, agent, account.id, await collectAtDesk(actor, account.id, request, deps));
    if (action !== 'decline' && action !== 'take-back') throw new HttpError(400, 'malformed');
    const declined = await declineAtDesk(actor, account.id, request, deps);
    return declined.kind === 'done' ? toPerson(ctx, account.id, 'declined') : answer(ctx, agent, account.id, declined);
  };

  /** What was refused here has no form of its own: the page of the person says why. */
  async function answer(ctx: Koa.Context, agent: Administrator, id: string, acted: Acted): Promise<void> {
    switch (acted.kind) {
      case 'not-found':
        return missing();
      case 'refused':
        return person.render(ctx, agent, await again(id), { error: pages.t(ctx)(unfit[acted.because]), status: 409 });
      case 'asked':
      case 'approved':
        return toPerson(ctx, id, acted.kind);
      case 'done': {
        if (acted.code === undefined) return toPerson(ctx, id, acted.act);
        const code = { value: acted.code, until: now() + PASS_SECONDS * 1000 };
        return person.render(ctx, agent, await again(id), { code });
      }
    }
  }

  async function again(id: string): Promise<Account> {
    return (await web.accounts.findById(id)) ?? missing();
  }

  function faultOf(ctx: Koa.Context, because: keyof typeof unfit): PageFault {
    const t = pages.t(ctx);
    if (because === 'no-reason') return faultAt('reason', t('desk.no_reason'), t('desk.no_reason_field'));
    if (because === 'no-day' || because === 'over') return faultAt('until', t(unfit[because]), t('desk.no_day_field'));
    if (because === 'bad-address') return faultAt('address', t('desk.bad_address'), t('desk.bad_address_field'));
    return { error: t(unfit[because]), errors: {} };
  }

  return { show, submit, note, decide };
}

function credentialOf(act: DeskAct, address: string): CredentialAct | undefined {
  if (act === 'pass' || act === 'resend') return { kind: act };
  return act === 'address' ? { kind: 'correct-address', address } : undefined;
}

function toPerson(ctx: Koa.Context, id: string, done: string): void {
  ctx.redirect(`/desk/people/${encodeURIComponent(id)}?done=${done}`);
  ctx.status = 303;
}

function missing(): never {
  throw new HttpError(404, 'missing');
}
