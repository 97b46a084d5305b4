/** KU Loket, the counter of the student administration: own data and the enrolment certificate, after a second factor. */
import type { Context, Next } from 'koa';
import { openApplication } from '../relying-party/application.ts';
import type { Setting } from '../relying-party/character.ts';
import { fault } from '../relying-party/faults.ts';
import { fullName, institutionName, numbersOf, standingsOf, studies } from '../relying-party/person.ts';
import type { Visitor } from '../relying-party/sessions.ts';

/** REFEDS MFA: this data is never shown after a sign-in with only a password. */
const expectedAcr = 'https://refeds.org/profile/mfa';

export function kuLoket(setting: Setting) {
  const application = openApplication(setting, {
    name: 'ku-loket',
    language: 'en',
    folder: new URL('./', import.meta.url),
    request: { scope: 'openid profile email phone address eduperson', acr_values: expectedAcr },
    pushed: true,
  });
  const { router, page, signedIn } = application;

  /** The request asks for two factors; the answer is what counts. */
  async function twoFactors(ctx: Context, next: Next): Promise<void> {
    if (application.visitor(ctx)?.acr === expectedAcr) return next();
    ctx.state.returnTo = ctx.url;
    throw fault('second-factor');
  }

  router.get('/', (ctx) => page(ctx, 'counter', {}));

  router.get('/my-data', signedIn, twoFactors, (ctx) => page(ctx, 'my-data', { facts: factsOf(visitorOf(ctx)) }));

  router.get('/certificate', signedIn, twoFactors, async (ctx) => {
    const { claims, sub } = visitorOf(ctx);
    const study = studies(standingsOf(claims));
    const now = new Date();
    await page(ctx, 'certificate', {
      study: study && { institution: institutionName(study.institution || 'kuleuven.be') },
      person: {
        name: fullName(claims),
        number: numbersOf(claims)[0] ?? '',
        birthdate: claims.birthdate ? longDate(String(claims.birthdate)) : '',
      },
      academicYear: academicYear(now),
      today: longDate(now.toISOString().slice(0, 10)),
      reference: `${now.getFullYear()}-${sub
        .replaceAll(/[^a-z0-9]/gi, '')
        .slice(0, 8)
        .toUpperCase()}`,
    });
  });

  function visitorOf(ctx: Context): Visitor {
    const visitor = application.visitor(ctx);
    if (!visitor) throw fault('sign-in-again');
    return visitor;
  }

  return application;
}

function longDate(day: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`));
}

/** From the middle of September on it is the next one. */
function academicYear(now: Date): string {
  const startsThisYear = now.getMonth() > 8 || (now.getMonth() === 8 && now.getDate() >= 15);
  const start = now.getFullYear() - (startsThisYear ? 0 : 1);
  return `${start}–${start + 1}`;
}

function factsOf({ claims }: Visitor): { title: string; facts: [label: string, value: string][] }[] {
  const { address = {} } = claims;
  const place = [address.postal_code, address.locality].filter(Boolean).join(' ');
  const groups: { title: string; facts: [string, unknown][] }[] = [
    {
      title: 'Your details',
      facts: [
        ['Name', fullName(claims)],
        ['User number', numbersOf(claims).join(', ')],
        [
          'Date of birth',
          /^\d{4}-\d\d-\d\d$/.test(claims.birthdate ?? '') ? longDate(String(claims.birthdate)) : undefined,
        ],
        ['Language', { nl: 'Dutch', en: 'English' }[String(claims.locale).slice(0, 2)]],
      ],
    },
    {
      title: 'How to reach you',
      facts: [
        ['Email address', claims.email],
        ['Phone number', claims.phone_number],
        ['Address', address.formatted ?? [address.street_address, place, address.country].filter(Boolean).join(', ')],
      ],
    },
    {
      title: 'Your place in the association',
      facts: standingsOf(claims).map(({ role, institution }) => [
        role.charAt(0).toUpperCase() + role.slice(1),
        institutionName(institution) || 'the association',
      ]),
    },
  ];
  return groups.map(({ title, facts }) => ({
    title,
    facts: facts.filter(([, value]) => value).map(([label, value]): [string, string] => [label, String(value)]),
  }));
}
