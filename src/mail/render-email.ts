/** Renders an email: subject, text and HTML from one content, with links under the configured issuer only. */
import { readFileSync } from 'node:fs';
import ejs from 'ejs';
import type { Translate } from '../../locales/index.ts';
import { timeZone } from '../domain/account/affiliation.ts';
import type { Email } from '../domain/account/emails.ts';
import { type Language, tagOf } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { brandRoles } from '../domain/brand/brand-roles.ts';
import { messageIdOf } from '../domain/desk/message-id.ts';
import type { Sealer } from '../domain/sealing/sealer.ts';
import { contentOf, type Page } from './content.ts';
import type { Message } from './mailer.ts';
import { clean } from './read-email.ts';
import { inText } from './text.ts';

export type EmailRenderer = (
  email: Email,
  /** `id`: of the outbox entry. `ownerId`: the account's id. `at`: when the event happened (epoch ms). */
  context: { id: string; ownerId: string; at: number },
) => Message;

/** The renderer @throws Problem `sealed_unreadable`, and TypeError if a member that the template needs is missing. */
export function createEmailRenderer(deps: {
  sealer: Pick<Sealer, 'open'>;
  /** A URL without a slash at the end. */
  issuer: string;
  organisations: Organisation[];
  translations: (language: Language) => Translate;
}): EmailRenderer {
  const { sealer, issuer, organisations, translations } = deps;
  const html = ejs.compile(readFileSync(new URL('../../views/mail/email.ejs', import.meta.url), 'utf8'), {
    strict: true,
    localsName: 'page',
  });
  const issuerHost = new URL(issuer).hostname;
  const brands = new Map(organisations.map(({ id, colour }) => [id, brandRoles(colour)]));
  const [momentsIn, daysIn] = [perLanguage(momentIn), perLanguage(dayIn)];

  return (email, { id, ownerId, at }) => {
    const { language } = email;
    const t = translations(language);
    const organisation = organisations.find((each) => each.id === email.organisation) ?? organisations[0];
    if (organisation === undefined) throw new TypeError('at least one organisation must be configured');
    const nameOf = (of: string) => organisations.find((each) => each.id === of)?.name[language] ?? of;
    const secret = email.sealedSecret === undefined ? {} : secretOf(sealer.open(email.sealedSecret, ownerId, 'letter'));
    const moment = momentsIn(language);
    const content = contentOf({
      t,
      email,
      organisationName: (of) => (of === email.organisation ? organisation.name[language] : nameOf(of)),
      secondFactorRequired: organisation.secondFactor === 'required',
      at: moment(at),
      moment,
      until: email.expiresAt === undefined ? undefined : moment(email.expiresAt),
      link: secret.link === undefined ? undefined : absolute(issuer, secret.link),
      notMe: secret.notMe === undefined ? undefined : absolute(issuer, secret.notMe),
      code: secret.code,
      day: daysIn(language),
      page: (path) => absolute(issuer, path),
    });
    const name = clean(email.givenName);
    const page: Page = {
      ...content,
      language,
      brand: brands.get(organisation.id) ?? brandRoles(organisation.colour),
      organisation: organisation.name[language],
      greeting: name === '' ? t('mail.greeting_unknown') : t('mail.greeting', { name }),
      closing: t('mail.closing'),
      contactsTitle: t('mail.contacts'),
      contacts: organisation.contacts.map(({ label, email, phone, url }) => ({
        label: label[language],
        ways: [
          ...(phone === undefined ? [] : [{ text: phone, href: `tel:${phone.replace(/[^+\d]/g, '')}` }]),
          ...(email === undefined ? [] : [{ text: email, href: `mailto:${email}` }]),
          ...(url === undefined ? [] : [{ text: url, href: url }]),
        ],
      })),
      automatic: t('mail.automatic', { issuer }),
    };
    const replyTo = organisation.contacts.find(({ email }) => email !== undefined)?.email;
    return {
      to: email.to,
      ...(replyTo === undefined ? {} : { replyTo }),
      subject: page.subject,
      text: inText(page),
      html: html(page),
      messageId: `<${messageIdOf(id)}@${issuerHost}>`,
      language,
    };
  };
}

function secretOf(opened: string): { link?: string; notMe?: string; code?: string } {
  return JSON.parse(opened);
}

/**
 * Rule 23: mailed links start with the issuer. @throws TypeError for a path that a browser could read as another host
 */
function absolute(issuer: string, path: string): string {
  if (!/^\/(?![/\\])[^\s\p{Cc}\\]*$/u.test(path)) throw new TypeError('a mailed link is a path of our own');
  return issuer + path;
}

/** A format costs more to make than the rest of an email. */
function perLanguage<Format>(make: (language: Language) => Format): (language: Language) => Format {
  const made = new Map<Language, Format>();
  return (language) => {
    const format = made.get(language) ?? make(language);
    made.set(language, format);
    return format;
  };
}

/** A calendar day (`YYYY-MM-DD`) in the reader's language. It has no time zone. */
function dayIn(language: Language): (date: string) => string {
  const format = new Intl.DateTimeFormat(tagOf(language), { dateStyle: 'long', timeZone: 'UTC' });
  return (date) => format.format(new Date(`${date}T12:00:00Z`));
}

/** A moment in the reader's language, in the time zone of Brussels, to the minute. */
function momentIn(language: Language): (at: number) => string {
  const format = new Intl.DateTimeFormat(tagOf(language), {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone,
  });
  return (at) => format.format(at);
}
