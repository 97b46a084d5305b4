/**
 * Tells a person why an application stays closed, and whom to ask. Who is not wholly signed in learns whom it is open to, and
 * nothing of the account.
 */
import type Koa from 'koa';
import type { Translate } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { dayAt, isCurrent } from '../../domain/account/affiliation.ts';
import { type Language, tagOf } from '../../domain/account/languages.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import type { AccessLists, AccessRefusal } from '../../domain/clients/access-rule.ts';
import { affiliationRoles } from '../../domain/feed/feed-columns.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';
import { askingOf } from './asking.ts';
import { namedWithNumber } from './consent.ts';
import type { SignIn } from './sign-in-state.ts';

export function createRefused(web: Pick<Web, 'pages' | 'organisations' | 'now' | 'incident' | 'log'>) {
  return async function showRefused(ctx: Koa.Context, { interaction, account, refusal, organisation }: SignIn) {
    const { client } = interaction;
    const t = web.pages.t(ctx);
    const language = languageOf(ctx);
    const words = wordsOf(t, language, web.organisations);
    const application = client.name[language];
    // A refusal is told only to whoever is signed in (sign-in-state.ts).
    const registrations =
      refusal === undefined || account === undefined ? [] : words.registrations(account, dayAt(web.now()));
    const name = account && refusal && namedWithNumber(account);
    const incident = web.incident(ctx, { kind: 'not-open-to-person', client: client.id, account: account?.id });
    web.log.info({ incident, client: client.id, because: 'not-open-to-person' }, 'a sign-in was refused');
    const data = {
      application,
      path: ctx.path,
      openTo: words.openTo(client.openTo ?? {}),
      who: name && t(registrations.length > 0 ? 'signIn.refused_who' : 'signIn.consent_who', { name }),
      registrations,
      dated: refusal && words.dated(refusal),
      contacts: client.contacts ?? [],
      incident,
    };
    await web.pages.render(ctx, 'sign-in/refused', data, {
      title: t('signIn.refused_title', { application }),
      organisation,
      asking: askingOf(interaction, language),
      openContacts: true,
      postMayLeave: true,
    });
  };
}

function wordsOf(t: Translate, language: Language, organisations: readonly Organisation[]) {
  const nameOf = (id: string) => organisations.find((each) => each.id === id)?.name[language] ?? id;
  const many = (role: string) => (affiliationRoles.includes(role) ? t(`signIn.refused_role_${role as 'staff'}`) : role);
  const one = (role: string) => (affiliationRoles.includes(role) ? t(`account.role_${role as 'staff'}`) : role);
  const dayIn = new Intl.DateTimeFormat(tagOf(language), { dateStyle: 'long', timeZone: 'UTC' });

  function affiliation(named: string): string {
    const [role = '', at] = named.split('@');
    return at === undefined ? many(role) : t('signIn.refused_role_at', { role: many(role), organisation: nameOf(at) });
  }

  return {
    openTo: ({ affiliations = [], organisations: whole = [], groups, people }: AccessLists): string[] => [
      ...affiliations.map(affiliation),
      ...whole.map((id) => t('signIn.refused_organisation', { organisation: nameOf(id) })),
      ...(groups === undefined ? [] : [t('signIn.refused_groups')]),
      ...(people === undefined ? [] : [t('signIn.refused_people')]),
    ],

    registrations: ({ affiliations }: Account, today: string): string[] =>
      affiliations
        .filter((each) => isCurrent(each, today))
        .map(({ role, organisation }) => `${one(role)}, ${nameOf(organisation)}`),

    dated(refusal: AccessRefusal): string | undefined {
      if (refusal.kind === 'not-among') return undefined;
      const { role, organisation } = refusal.affiliation;
      return t(refusal.kind === 'ended' ? 'signIn.refused_ended' : 'signIn.refused_not_begun', {
        role: one(role).toLocaleLowerCase(tagOf(language)),
        organisation: nameOf(organisation),
        date: dayIn.format(new Date(`${refusal.day}T00:00:00Z`)),
      });
    },
  };
}
