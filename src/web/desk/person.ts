/** `/desk/people/:id`: how somebody stands, in words, and what the agent can do; never a secret. */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { timeZone } from '../../domain/account/affiliation.ts';
import { tagOf } from '../../domain/account/languages.ts';
import { deskRecordOf } from '../../domain/desk/desk-record.ts';
import { factsOf, identityFacts } from '../../domain/desk/identity-check.ts';
import { stateOf } from '../../domain/desk/person-state.ts';
import { maskedAddress } from '../../domain/factors/first-factor.ts';
import { recoveryShown } from '../../domain/factors/slow-recovery.ts';
import type { AuditEntry } from '../../domain/ports/audit-log.ts';
import type { OutboxEntry } from '../../domain/ports/outbox.ts';
import { readForm, text } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import { checkAtDesk } from '../../use-cases/desk/check-identity.ts';
import { affiliationsInWords } from '../account/affiliations-in-words.ts';
import { applicationNames } from '../account/application-names.ts';
import { actionInWords, detailsInWords, signOf } from '../audit-in-words.ts';
import type { Administrator, ConsoleHandler } from '../console/frame.ts';
import { peopleNames } from '../console/people-names.ts';
import { ownerReads } from '../end-for-others.ts';
import type { Web } from '../web.ts';
import type { DeskFrame } from './frame.ts';
import { createPersonActs } from './person-acts.ts';
import { createRequestsShown } from './requests.ts';
import { deliveryInWords, letterInWords } from './words.ts';

const EVENTS = 12;
const LETTERS = 50;
const SHOWN_LETTERS = 5;

/** What was just done on this page, for the answer alone: none of it has an address of its own. */
export type JustNow = {
  error?: string;
  errors?: Record<string, string>;
  answer?: { right: boolean; title: string; line: string };
  code?: { value: string; until: number };
  status?: number;
};

const form = z.object({ fact: text(20), said: text(300) });
const sentences = {
  resend: 'desk.done_resend',
  'correct-address': 'desk.done_correct_address',
  recovery: 'desk.done_recovery',
  sessions: 'desk.done_sessions',
  suspended: 'desk.done_suspended',
  lifted: 'desk.done_lifted',
  asked: 'desk.done_asked',
  approved: 'desk.done_approved',
  declined: 'desk.done_declined',
  noted: 'desk.noted',
} as const satisfies Record<string, MessageKey>;

export type PersonPage = ReturnType<typeof createPerson>;

export function createPerson(web: Web, frame: DeskFrame) {
  const { pages, ports, now, openSessions } = web;
  const requestsShown = createRequestsShown(web);
  const actsOf = createPersonActs(web);

  const nameOf = (ctx: Koa.Context, id: string) =>
    web.organisations.find((each) => each.id === id)?.name[languageOf(ctx)] ?? id;
  const moment = (ctx: Koa.Context, at: number) =>
    new Intl.DateTimeFormat(tagOf(languageOf(ctx)), { dateStyle: 'long', timeStyle: 'short', timeZone }).format(at);

  /** How the account stands, and where it does not stand well, why: the first thing that an agent says. */
  function nowOf(ctx: Koa.Context, account: Account, letters: OutboxEntry[]) {
    const t = pages.t(ctx);
    const state = stateOf(account, now());
    const reads = ownerReads(web, ctx, account);
    const why = endReasons(ctx, account);
    const invitations = letters.filter(({ payload }) =>
      ['invitation', 'activation-code'].includes(String(payload.template)),
    );
    const [last] = invitations;
    const delivery = last === undefined ? undefined : deliveryInWords(t, last);
    switch (state.kind) {
      case 'not-invited':
        return { tone: 'note' as const, title: t('desk.now_not_invited'), lines: [t('desk.now_not_invited_what')] };
      case 'invited':
        return {
          tone: delivery?.failed === true ? ('danger' as const) : ('warn' as const),
          title: t('desk.now_invited', { count: invitations.length }),
          lines: [
            delivery === undefined ? t('desk.no_letter') : t('desk.now_last_letter', { delivery: delivery.words }),
          ],
        };
      case 'active':
        return {
          tone: recoveryLines(ctx, account).length === 0 ? ('good' as const) : ('warn' as const),
          title: t('desk.now_active'),
          lines: [
            ...recoveryLines(ctx, account),
            reads,
            ...why,
            ...(account.passwordExpiredAt === undefined ? [] : [t('desk.now_new_password')]),
          ],
        };
      case 'not-yet':
        return { tone: 'note' as const, title: t('desk.now_not_yet'), lines: [reads, ...why] };
      case 'suspended': {
        const reason = account.suspension?.reason ?? '';
        return {
          tone: 'danger' as const,
          title: t('desk.now_suspended'),
          lines: [reads, t('desk.now_suspended_what', { reason })],
        };
      }
      case 'ended':
        return {
          tone: 'danger' as const,
          title: t('desk.now_ended'),
          lines: [reads, ...why, t('desk.now_ended_what')],
        };
    }
  }

  /** What a source gave as the reason of an end; its owner is never told. */
  function endReasons(ctx: Koa.Context, { affiliations }: Account): string[] {
    return affiliations.flatMap(({ endReason, organisation }) =>
      endReason === undefined
        ? []
        : [pages.t(ctx)('desk.now_end_reason', { reason: endReason, organisation: nameOf(ctx, organisation) })],
    );
  }

  /** That a new second step is on its way, which somebody who is not the person may have begun. */
  function recoveryLines(ctx: Koa.Context, account: Account): string[] {
    const found = recoveryShown(account, { organisations: web.organisations, now: now() });
    if (found === undefined) return [];
    const key = found.open ? 'desk.now_recovery_open' : 'desk.now_recovery';
    return [pages.t(ctx)(key, { until: moment(ctx, found.until) })];
  }

  async function factsOfPerson(ctx: Koa.Context, account: Account) {
    const t = pages.t(ctx);
    const { totps, passkeys, recoveryCodes, personalEmail, emails } = account;
    const sessions = (await openSessions.list(account.id)).length;
    const factors = [
      ...(totps.length === 0 ? [] : [t('desk.factor_totp', { count: totps.length })]),
      ...(passkeys.length === 0 ? [] : [t('desk.factor_passkey', { count: passkeys.length })]),
    ];
    const left = recoveryCodes?.macs.length ?? 0;
    return [
      ...affiliationsInWords(account, web, ctx).map(({ organisation, role }) => ({ label: role, value: organisation })),
      {
        label: t('desk.fact_personal'),
        value: personalEmail === undefined ? t('desk.none') : maskedAddress(personalEmail),
      },
      { label: t('desk.fact_institution'), value: emails[0] ?? t('desk.none') },
      { label: t('desk.fact_factors'), value: factors.join(', ') || t('desk.none') },
      { label: t('desk.fact_codes'), value: left === 0 ? t('desk.none') : t('desk.codes_left', { count: left }) },
      {
        label: t('desk.fact_sessions'),
        value: sessions === 0 ? t('desk.none') : t('desk.browsers', { count: sessions }),
      },
    ];
  }

  /** What happened, in the words of the console and of the person's own page, with the name of whoever it was. */
  async function eventsOf(ctx: Koa.Context, entries: AuditEntry[]) {
    const language = languageOf(ctx);
    const clients = new Set(entries.flatMap(({ client }) => client ?? []));
    const names = await applicationNames(ports.clients, clients, language);
    const people = await peopleNames(
      web,
      entries.map(({ actor }) => actor),
    );
    const context = { t: pages.t(ctx), language, names, placeNamed: web.placeNamed };
    return entries.map((entry) => {
      const { at, action, actor, subject } = entry;
      const { icon, alarming } = signOf(entry);
      const other = actor.kind === 'person' && actor.id !== subject ? [people.get(actor.id ?? '') ?? ''] : [];
      return {
        at,
        icon,
        tone: alarming ? ('danger' as const) : ('neutral' as const),
        title: actionInWords(action, context),
        line: [...other, ...detailsInWords(entry, context)].filter((each) => each !== '').join(' · '),
      };
    });
  }

  function lettersOf(ctx: Koa.Context, account: Account, letters: OutboxEntry[]) {
    const t = pages.t(ctx);
    return letters.slice(0, SHOWN_LETTERS).map(({ createdAt, payload, ...entry }) => {
      const to = String(payload.to ?? '');
      return {
        at: createdAt,
        subject: letterInWords(t, String(payload.template)),
        to: account.emails.includes(to) ? to : maskedAddress(to),
        ...deliveryInWords(t, entry),
      };
    });
  }

  /** The page, with what was just done on it. */
  async function render(ctx: Koa.Context, agent: Administrator, account: Account, just: JustNow = {}): Promise<void> {
    const t = pages.t(ctx);
    const [letters, entries] = await Promise.all([
      ports.outbox.byAccount(account.id, LETTERS),
      ports.auditLog.page({ subject: account.id }, undefined, EVENTS),
    ]);
    const mails = letters.filter(({ kind }) => kind === 'letter');
    const record = deskRecordOf(account, now());
    const notes = record.notes.toReversed();
    const names = await peopleNames(
      web,
      notes.map(({ by }) => ({ kind: 'person' as const, id: by })),
    );
    const path = `/desk/people/${encodeURIComponent(account.id)}`;
    const known = factsOf(account);
    const { status, error, errors, answer, code } = just;
    await pages.render(
      ctx,
      'desk/person',
      {
        path,
        done: frame.done(ctx, sentences),
        now: nowOf(ctx, account, mails),
        facts: await factsOfPerson(ctx, account),
        checks: identityFacts
          .filter((fact) => known.includes(fact))
          .map((fact) => ({ fact, label: t(fact === 'address' ? 'desk.check_address' : 'desk.check_birth_date') })),
        answer,
        acts: actsOf(ctx, account, path),
        requests: await requestsShown(ctx, account, record.requests, agent.account.id),
        code,
        events: await eventsOf(ctx, entries),
        letters: lettersOf(ctx, account, mails),
        notes: notes.map(({ at, by, text: words }) => ({ at, by: names.get(by) ?? by, text: words })),
        ...(error === undefined ? {} : { error, ...(errors === undefined ? {} : { errors }) }),
      },
      await frame.page(ctx, agent, {
        room: 'find',
        title: `${account.givenName} ${account.familyName}`.trim(),
        lead: [account.userNumbers[0], account.emails[0]].filter((each) => each !== undefined).join(' · '),
        crumbs: [{ href: '/desk', label: t('desk.room_find') }],
        ...(status === undefined ? {} : { status }),
      }),
    );
  }

  const show: ConsoleHandler = async (ctx, agent) => render(ctx, agent, await frame.person(ctx, agent));

  const check: ConsoleHandler = async (ctx, agent) => {
    const account = await frame.person(ctx, agent);
    const { fact, said } = await readForm(ctx, form);
    const asked = identityFacts.find((each) => each === fact);
    if (asked === undefined) throw new HttpError(400, 'malformed');
    const deps = { ...ports, now, randomBytes: web.randomBytes, limiter: web };
    const verdict = await checkAtDesk(agent.actor, account.id, { fact: asked, typed: said }, deps);
    const t = pages.t(ctx);
    switch (verdict) {
      case undefined:
        throw new HttpError(404, 'missing');
      case 'right': {
        const line = t(asked === 'address' ? 'desk.check_right_address' : 'desk.check_right_birth_date');
        return render(ctx, agent, account, { answer: { right: true, title: t('desk.check_right'), line } });
      }
      case 'wrong':
        return render(ctx, agent, account, {
          answer: { right: false, title: t('desk.check_wrong'), line: t('desk.check_wrong_what') },
        });
      case 'limited':
        return render(ctx, agent, account, { error: t('desk.check_limited'), status: 429 });
      case 'unreadable':
        return render(ctx, agent, account, { error: t('desk.check_unreadable') });
      case 'unknown':
        return render(ctx, agent, account, { error: t('desk.check_unknown') });
    }
  };

  return { show, check, render };
}
