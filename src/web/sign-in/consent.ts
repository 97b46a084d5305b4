/** Consent: shows what an application outside the association asks for, and takes the person's yes or no. */
import type Koa from 'koa';
import type { Account } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { type Language, type Localized, languageIds } from '../../domain/account/languages.ts';
import { homeOrganisation } from '../../domain/account/organisation.ts';
import { goTo } from '../../http/go-to.ts';
import { languageOf } from '../../http/language.ts';
import type { Interaction } from '../../oidc/sign-in/interaction.ts';
import type { Web } from '../web.ts';
import { askingOf } from './asking.ts';
import { claimsInWords } from './claims-in-words.ts';
import { isRemembered, whyConsent } from './why.ts';

export function createConsent(web: Web) {
  return {
    async show(ctx: Koa.Context, { client, consent, resources, session, asked: interrupted }: Interaction) {
      const because = interrupted.step === 'consent' ? interrupted.because : 'first-time';
      const t = web.pages.t(ctx);
      const application = client.name[languageOf(ctx)];
      const given = consent?.scopes ?? [];
      const asked = [
        ...claimsInWords(consent?.shown ?? [], t, given),
        ...(given.includes('offline_access') ? [t('signIn.scope_offline_access')] : []),
        ...(resources ?? []).map(({ resource, what }) =>
          t('signIn.scope_resource', { resource: resource[languageOf(ctx)], what: what[languageOf(ctx)] }),
        ),
      ];
      const account = session === undefined ? undefined : await web.accounts.findById(session.accountId);
      const who = account === undefined ? undefined : t('signIn.consent_who', { name: namedWithNumber(account) });
      const { policyUri, tosUri, purpose } = client;
      await web.pages.render(
        ctx,
        'sign-in/consent',
        {
          path: ctx.path,
          application,
          who,
          what: t(whyConsent[because], { application }),
          asked,
          shown: shownIn(consent).join(' '),
          purpose: purpose && purposeIn(purpose, languageOf(ctx)),
          remembered: isRemembered(because),
          policyUri,
          tosUri,
        },
        {
          title: t('signIn.consent_title', { application }),
          organisation: account && homeOrganisation(account, web.organisations, dayAt(web.now())),
          asking: askingOf({ client }, languageOf(ctx)),
          postMayLeave: true,
        },
      );
    },

    /** `shown`: what the page named that the person answers; empty: a page of an older version, which did not say. */
    async submit(ctx: Koa.Context, interaction: Interaction, { action, shown }: { action: string; shown: string }) {
      if (action !== 'consent' && action !== 'cancel') return goTo(ctx, ctx.path);
      const named = shown.split(' ');
      // The registration, or what is known of the person, grew while the page was open: it is read again first.
      const isMore = shown !== '' && shownIn(interaction.consent).some((each) => !named.includes(each));
      if (action === 'consent' && isMore) return goTo(ctx, ctx.path);
      goTo(ctx, await web.interactions.finishConsent(ctx, interaction, action));
    },
  };
}

/** The claims that the page names; `openid`, so that there is always one. */
const shownIn = (consent: Interaction['consent']) => ['openid', ...(consent?.shown ?? [])];

/** In the visitor's language, else in one in which it was given. */
function purposeIn(purpose: Partial<Localized>, wanted: Language): { text: string; language: string } | undefined {
  const [language = wanted] = languageIds.filter((each) => purpose[each] !== undefined);
  const text = purpose[wanted] ?? purpose[language];
  return text === undefined ? undefined : { text, language: purpose[wanted] === undefined ? language : wanted };
}

/** The account that is signed in may not be the one that the person expects: a shared browser or an older session. */
export function namedWithNumber({ givenName, familyName, userNumbers, emails }: Account): string {
  const login = userNumbers[0] ?? emails[0];
  return `${givenName} ${familyName}${login === undefined ? '' : ` (${login})`}`;
}
