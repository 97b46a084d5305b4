/** The values and building blocks of the sentences of an email, for whichever template. */
import type { Translate } from '../../locales/index.ts';
import type { Email, EmailData, EmailTemplate } from '../domain/account/emails.ts';
import type { Block, Content } from './blocks.ts';

export type Context = {
  t: Translate;
  email: Email;
  /** The name of an organisation, by id, in the reader's language. */
  organisationName: (id: string) => string;
  secondFactorRequired: boolean;
  /** When it happened, and until when the link or code works, in the reader's language. */
  at: string;
  until: string | undefined;
  /** An absolute URL. */
  link: string | undefined;
  /** The same, of the link that says "this was not me" where the email has another purpose. */
  notMe: string | undefined;
  code: string | undefined;
  /** A calendar day (`YYYY-MM-DD`) in the reader's language. */
  day: (date: string) => string;
  /** A time (epoch ms) in the reader's language. */
  moment: (at: number) => string;
  /** The absolute URL of a page of ours. */
  page: (path: string) => string;
};

export type Read<Template extends EmailTemplate> = ReturnType<typeof read<Template>>;
/** What most sentences need, in every template. */
type ReadAny = Pick<Read<EmailTemplate>, 't' | 'paragraph' | 'ownPage' | 'orNotMe'>;

/** The values and building blocks for the sentences of a template. */
export function read<Template extends EmailTemplate>(context: Context) {
  type Member = keyof EmailData[Template] & string;
  const { t, email, link, notMe, code, until } = context;
  const need = (what: string, value: string | undefined): string => {
    if (value === undefined || value === '') throw new TypeError(`the email ${email.template} lacks its ${what}`);
    return value;
  };
  const datum = (name: Member) => clean(email.data[name] ?? '');
  const organisation = clean(context.organisationName(email.data.organisation ?? email.organisation));
  const number = clean(email.data.number ?? '');
  const account =
    number === '' ? t('mail.account', { organisation }) : t('mail.account_number', { organisation, number });
  const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
  const ownPage = (label: string, path: string, main = false): Block => ({
    kind: 'link',
    label,
    url: context.page(path),
    main,
  });
  /** Adds the user number, so that the reader finds the email by it. */
  const numbered = (subject: string) => (number === '' ? subject : `${subject} (${number})`);
  return {
    t,
    datum,
    organisation,
    account,
    at: context.at,
    to: clean(email.to),
    secondFactorRequired: context.secondFactorRequired,
    page: context.page,
    number: () => need('number', number),
    need: (name: Member) => need(name, datum(name)),
    day: (name: Member) => context.day(need(name, datum(name))),
    moment: (name: Member) => context.moment(Number(need(name, datum(name)))),
    paragraph,
    mainLink: (label: string): Block => ({ kind: 'link', label, url: need('link', link), main: true }),
    ownPage,
    /**
     * What the owner does about an act of somebody else: `what` and the link that says so, or where the email has none,
     * `otherwise`. `main`: whether that is the purpose of the email.
     */
    orNotMe: (what: string, otherwise: Block[], main = true): Block[] =>
      notMe === undefined
        ? otherwise
        : [
            paragraph(what),
            { kind: 'link', label: t('mail.not_me_link'), url: notMe, main },
            paragraph(t('mail.not_me_days')),
          ],
    code: (): Block => ({ kind: 'large', label: t('mail.your_code'), value: need('code', code) }),
    hasLink: link !== undefined,
    /** No block if the email does not expire. */
    until: (say: (until: string) => string): Block[] => (until === undefined ? [] : [paragraph(say(until))]),
    numbered,
    /** For the letters about ends. */
    about: () => ({
      t,
      email,
      words: { t, organisationName: (id: string) => clean(context.organisationName(id)), day: context.day },
      account,
      organisation,
      at: context.at,
      numbered,
      paragraph,
      ownPage,
    }),
  };
}

/** The end of a notification: do nothing, or secure the account. */
export const wasItYou = ({ t, paragraph, ownPage, orNotMe }: ReadAny, main = true): Block[] => [
  paragraph(t('mail.was_you')),
  ...orNotMe(
    t('mail.not_me_do'),
    [paragraph(t('mail.not_you')), ownPage(t('mail.choose_password'), '/forgotten')],
    main,
  ),
];
/** The end of an email with a code that only whoever knows the password can ask for. */
export const codeNotAsked = ({ t, paragraph, ownPage, orNotMe }: ReadAny): Block[] =>
  orNotMe(
    t('mail.factor_code_not_me'),
    [paragraph(t('mail.factor_code_why')), ownPage(t('mail.choose_password'), '/forgotten')],
    false,
  );
/** The content of some templates. @throws TypeError if a member that one needs is missing */
export type Templates<Some extends EmailTemplate> = { [Template in Some]: (read: Read<Template>) => Content };

const LONGEST = 120;
const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Makes a value that another person chose safe in a sentence and a header: one line, no control or direction
 * characters, of bounded length, and isolated if it runs from right to left, so that the sentence around it does not
 * turn.
 */
export function clean(value: string): string {
  const line = value
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/ {2,}/g, ' ')
    .trim();
  const letters = [...line];
  const short = letters.length > LONGEST ? `${letters.slice(0, LONGEST).join('')}…` : line;
  return RIGHT_TO_LEFT.test(short) ? `\u2068${short}\u2069` : short;
}
