/** Consent: shows what an application outside the association asks for, and takes the person's yes or no. */
import type Koa from 'koa';
import type { MessageKey } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import { dayAt } from '../../domain/account/affiliation.ts';
import { homeOrganisation } from '../../domain/account/organisation.ts';
import { goTo } from '../../http/go-to.ts';
import { languageOf } from '../../http/language.ts';
import type { Interaction } from '../../oidc/interaction.ts';
import type { Web } from '../web.ts';
import { askingOf } from './asking.ts';
import { isRemembered, whyConsent } from './why.ts';

/** The scopes that have a sentence. `openid` says no more than the sign-in itself. */
const worded: Record<string, MessageKey> = {
  profile: 'signIn.scope_profile',
  email: 'signIn.scope_email',
  phone: 'signIn.scope_phone',
  address: 'signIn.scope_address',
  eduperson: 'signIn.scope_eduperson',
  groups: 'signIn.scope_groups',
  eduperson_entitlement: 'signIn.scope_eduperson_entitlement',
  orcid: 'signIn.scope_orcid',
  voperson_id: 'signIn.scope_voperson_id',
  offline_access: 'signIn.scope_offline_access',
};

export function createConsent(web: Web) {
  return {
    async show(ctx: Koa.Context, { client, consent, resources, session, asked: interrupted }: Interaction) {
      const because = interrupted.step === 'consent' ? interrupted.because : 'first-time';
      const t = web.pages.t(ctx);
      const application = client.name[languageOf(ctx)];
      const inWords = (scope: string) => {
        const key = worded[scope];
        return key === undefined ? scope : t(key);
      };
      const asked = [
        ...(consent?.scopes ?? []).filter((scope) => scope !== 'openid').map(inWords),
        ...(consent?.claims ?? []).map((claim) => t(`signIn.claim_${claim as 'name'}`)),
        ...(resources ?? []).map(({ resource, what }) =>
          t('signIn.scope_resource', { resource: resource[languageOf(ctx)], what: what[languageOf(ctx)] }),
        ),
      ];
      const account = session === undefined ? undefined : await web.accounts.findById(session.accountId);
      const who = account === undefined ? undefined : t('signIn.consent_who', { name: namedWithNumber(account) });
      const { policyUri, tosUri } = client;
      await web.pages.render(
        ctx,
        'sign-in/consent',
        {
          path: ctx.path,
          application,
          who,
          what: t(whyConsent[because], { application }),
          asked,
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

    async submit(ctx: Koa.Context, interaction: Interaction, action: string) {
      if (action !== 'consent' && action !== 'cancel') return goTo(ctx, ctx.path);
      goTo(ctx, await web.interactions.finishConsent(ctx, interaction, action));
    },
  };
}

/** The account that is signed in may not be the one that the person expects: a shared browser or an older session. */
export function namedWithNumber({ givenName, familyName, userNumbers, emails }: Account): string {
  const login = userNumbers[0] ?? emails[0];
  return `${givenName} ${familyName}${login === undefined ? '' : ` (${login})`}`;
}
