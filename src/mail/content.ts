/** Decides what each email says: one model of plain sentences, from which both text and HTML are rendered. */
import type { Translate } from '../../locales/index.ts';
import type { Email, EmailData, EmailTemplate } from '../domain/account/emails.ts';
import type { Language } from '../domain/account/languages.ts';
import type { Block, Content } from './blocks.ts';
import {
  accountEnded,
  accountEnds,
  accountErasedSoon,
  accountOpenAgain,
  accountSuspended,
  registrationStopped,
} from './content-of-ends.ts';

/** Everything that both renderers print, from top to bottom. */
export type Page = Content & {
  language: Language;
  /** CSS colour of the band and the button. */
  colour: string;
  /** That of text on it. */
  onColour: string;
  organisation: string;
  greeting: string;
  closing: string;
  contactsTitle: string;
  contacts: { label: string; ways: { text: string; href: string }[] }[];
  automatic: string;
};

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
  code: string | undefined;
  /** A calendar day (`YYYY-MM-DD`) in the reader's language. */
  day: (date: string) => string;
  /** The absolute URL of a page of ours. */
  page: (path: string) => string;
};

/**
 * The subject and blocks of an email.
 * @throws TypeError if a member that the template needs is missing: an incomplete email is never sent
 */
export function contentOf(context: Context): Content {
  return written(context.email.template, context);
}

function written<Template extends EmailTemplate>(template: Template, context: Context): Content {
  return TEMPLATES[template](read<Template>(context));
}

type Read<Template extends EmailTemplate> = ReturnType<typeof read<Template>>;
/** What most sentences need, in every template. */
type ReadAny = Pick<Read<EmailTemplate>, 't' | 'paragraph' | 'ownPage'>;

/** The values and building blocks for the sentences of a template. */
function read<Template extends EmailTemplate>(context: Context) {
  type Member = keyof EmailData[Template] & string;
  const { t, email, link, code, until } = context;
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
    paragraph,
    mainLink: (label: string): Block => ({ kind: 'link', label, url: need('link', link), main: true }),
    ownPage,
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
const wasItYou = ({ t, paragraph, ownPage }: ReadAny): Block[] => [
  paragraph(t('mail.was_you')),
  paragraph(t('mail.not_you')),
  ownPage(t('mail.choose_password'), '/forgotten'),
];

/** The acts of the desk, as the names of their sentences have them. */
const deskActs: Record<string, 'pass' | 'resend' | 'address' | 'sessions'> = {
  pass: 'pass',
  resend: 'resend',
  'correct-address': 'address',
  'end-sessions': 'sessions',
};

const TEMPLATES: { [Template in EmailTemplate]: (read: Read<Template>) => Content } = {
  invitation(read) {
    const { t, organisation, paragraph } = read;
    const number = read.number();
    return {
      subject: t('mail.invitation_subject', { number, organisation }),
      blocks: [
        paragraph(t('mail.invitation_what', { organisation })),
        { kind: 'large', label: t('mail.your_number'), value: number },
        paragraph(
          read.secondFactorRequired
            ? t('mail.invitation_do_second_step', { organisation })
            : t('mail.invitation_do', { organisation }),
        ),
        read.mainLink(t('mail.invitation_link')),
        ...read.until((until) => t('mail.invitation_until', { until })),
        read.ownPage(t('mail.invitation_again'), `/activate?number=${encodeURIComponent(number)}`),
        paragraph(t('mail.invitation_why', { organisation })),
      ],
    };
  },
  'activation-code'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: t('mail.activation_code_subject', { number: read.number() }),
      blocks: [
        paragraph(t('mail.activation_code_what', { account })),
        read.code(),
        ...(read.hasLink
          ? [paragraph(t('mail.activation_code_link_what')), read.mainLink(t('mail.activation_code_link'))]
          : []),
        ...read.until((until) => t('mail.activation_code_until', { until })),
        paragraph(t('mail.activation_code_why')),
      ],
    };
  },
  'already-active'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: read.numbered(t('mail.already_active_subject')),
      blocks: [
        paragraph(t('mail.already_active_what', { account })),
        read.ownPage(t('mail.to_account'), '/account', true),
        paragraph(t('mail.already_active_forgotten')),
        read.ownPage(t('mail.choose_password'), '/forgotten'),
        paragraph(t('mail.already_active_why')),
      ],
    };
  },
  reset(read) {
    const { t, account, paragraph } = read;
    return {
      subject: t('mail.reset_subject', { number: read.number() }),
      blocks: [
        paragraph(t('mail.reset_what', { account })),
        read.mainLink(t('mail.choose_password')),
        ...read.until((until) => t('mail.reset_until', { until })),
        paragraph(t('mail.reset_second_step')),
        paragraph(t('mail.reset_why')),
      ],
    };
  },
  'factor-code'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: t('mail.factor_code_subject', { number: read.number() }),
      blocks: [
        paragraph(t('mail.factor_code_what', { account })),
        read.code(),
        ...read.until((until) => t('mail.factor_code_until', { until })),
        paragraph(t('mail.factor_code_why')),
        read.ownPage(t('mail.choose_password'), '/forgotten'),
      ],
    };
  },
  'password-changed'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.password_changed_subject')),
      blocks: [paragraph(t('mail.password_changed_what', { account, at })), ...wasItYou(read)],
    };
  },
  'factor-added'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.factor_added_subject')),
      blocks: [paragraph(t('mail.factor_added_what', { account, at, factor: read.need('factor') })), ...wasItYou(read)],
    };
  },
  'factor-removed'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.factor_removed_subject')),
      blocks: [
        paragraph(t('mail.factor_removed_what', { account, at, factor: read.need('factor') })),
        ...wasItYou(read),
      ],
    };
  },
  'owner-added'(read) {
    const { t, at, paragraph } = read;
    const owner = read.need('owner');
    return {
      subject: t('mail.owner_added_subject', { owner }),
      blocks: [
        paragraph(t('mail.owner_added_what', { at, owner })),
        paragraph(t('mail.owner_added_can')),
        paragraph(t('mail.owner_unexpected')),
      ],
    };
  },
  'owner-removed'(read) {
    const { t, at, paragraph } = read;
    const owner = read.need('owner');
    return {
      subject: t('mail.owner_removed_subject', { owner }),
      blocks: [paragraph(t('mail.owner_removed_what', { at, owner })), paragraph(t('mail.owner_unexpected'))],
    };
  },
  'recovery-code-used'(read) {
    const { t, account, at, paragraph } = read;
    const left = Number(read.need('left'));
    return {
      subject: read.numbered(t('mail.recovery_code_used_subject')),
      blocks: [
        paragraph(t('mail.recovery_code_used_what', { account, at })),
        paragraph(left === 0 ? t('mail.recovery_codes_none') : t('mail.recovery_codes_left', { count: left })),
        read.ownPage(t('mail.to_account'), '/account', true),
        ...wasItYou(read),
      ],
    };
  },
  'recovery-codes-renewed'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.recovery_codes_renewed_subject')),
      blocks: [paragraph(t('mail.recovery_codes_renewed_what', { account, at })), ...wasItYou(read)],
    };
  },
  'passkey-copied'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.passkey_copied_subject')),
      blocks: [
        paragraph(t('mail.passkey_copied_what', { account, at, factor: read.need('factor') })),
        paragraph(t('mail.passkey_copied_do')),
        read.ownPage(t('mail.to_account'), '/account/factors', true),
        paragraph(t('mail.passkey_copied_ask')),
      ],
    };
  },
  'address-refused'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: read.numbered(t('mail.address_refused_subject')),
      blocks: [
        paragraph(t('mail.address_refused_what', { account, address: read.need('address') })),
        paragraph(t('mail.address_refused_do')),
      ],
    };
  },
  'password-guessed'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: read.numbered(t('mail.password_guessed_subject')),
      blocks: [
        paragraph(t('mail.password_guessed_what', { account })),
        paragraph(t('mail.password_guessed_safe')),
        paragraph(t('mail.password_guessed_do')),
        read.ownPage(t('mail.choose_password'), '/forgotten', true),
      ],
    };
  },
  'password-known'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: read.numbered(t('mail.password_known_subject')),
      blocks: [
        paragraph(t('mail.password_known_what', { account })),
        paragraph(t('mail.password_known_safe')),
        paragraph(t('mail.password_known_do')),
        read.ownPage(t('mail.choose_password'), '/forgotten', true),
        paragraph(t('mail.password_known_meanwhile')),
      ],
    };
  },
  'new-browser'(read) {
    const { t, account, at, paragraph } = read;
    const [name, system, network] = [read.datum('name'), read.datum('system'), read.datum('network')];
    const named = system === '' ? name : t('account.session_on', { browser: name, system });
    const browser = name === '' ? t('account.session_unknown') : named;
    return {
      subject: read.numbered(t('mail.new_browser_subject')),
      blocks: [
        paragraph(t('mail.new_browser_what', { account, at })),
        paragraph(
          network === ''
            ? t('mail.new_browser_with', { browser })
            : t('mail.new_browser_with_in', { browser, network }),
        ),
        paragraph(t('mail.new_browser_was_you')),
        paragraph(t('mail.new_browser_not_you')),
        read.mainLink(t('mail.new_browser_link')),
        ...read.until((until) => t('mail.new_browser_until', { until })),
      ],
    };
  },
  'account-secured'(read) {
    const { t, account, at, paragraph } = read;
    const factors = read.datum('factors');
    return {
      subject: read.numbered(t('mail.account_secured_subject')),
      blocks: [
        paragraph(t('mail.account_secured_what', { account, at })),
        ...(factors === '' ? [] : [paragraph(t('mail.account_secured_factors', { factors }))]),
        paragraph(t('mail.account_secured_do')),
        read.ownPage(t('mail.choose_password'), '/forgotten', true),
        paragraph(t('mail.account_secured_check')),
        paragraph(t('mail.account_secured_wrong')),
      ],
    };
  },
  'desk-account-disowned'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.desk_disowned_subject')),
      blocks: [
        paragraph(t('mail.desk_disowned_what', { account, at })),
        paragraph(t('mail.desk_disowned_done')),
        paragraph(t('mail.desk_disowned_do')),
      ],
    };
  },
  'address-changed'(read) {
    const { t, account, at, paragraph } = read;
    const [old, fresh] = [read.datum('oldAddress'), read.need('newAddress')];
    return {
      subject: read.numbered(t('mail.address_changed_subject')),
      blocks: [
        paragraph(
          old === ''
            ? t('mail.address_set_what', { account, at, fresh })
            : t('mail.address_changed_what', { account, at, old, fresh }),
        ),
        ...(read.hasLink
          ? [
              paragraph(old === '' ? t('mail.address_undo_what_none') : t('mail.address_undo_what', { old })),
              read.mainLink(t('mail.address_undo_link')),
              ...read.until((until) => t('mail.address_undo_until', { until })),
              paragraph(t('mail.was_you')),
            ]
          : wasItYou(read)),
      ],
    };
  },
  'address-undone'(read) {
    const { t, account, at, paragraph, ownPage } = read;
    const [gone, back] = [read.need('gone'), read.datum('back')];
    return {
      subject: read.numbered(t('mail.address_undone_subject')),
      blocks: [
        paragraph(
          back === ''
            ? t('mail.address_undone_what_none', { account, at, gone })
            : t('mail.address_undone_what', { account, at, gone, back }),
        ),
        paragraph(t('mail.address_undone_out')),
        paragraph(t('mail.address_undone_do')),
        ownPage(t('mail.choose_password'), '/forgotten'),
      ],
    };
  },
  'data-downloaded'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.data_downloaded_subject')),
      blocks: [paragraph(t('mail.data_downloaded_what', { account, at })), ...wasItYou(read)],
    };
  },
  'institution-address'(read) {
    const { t, account, organisation, paragraph } = read;
    const fresh = read.need('newAddress');
    return {
      subject: read.numbered(t('mail.institution_address_subject')),
      blocks: [
        paragraph(t('mail.institution_address_what', { organisation, account, fresh })),
        paragraph(t('mail.institution_address_held', { fresh, day: read.day('heldUntil') })),
        read.ownPage(t('mail.to_account'), '/account/email'),
        paragraph(t('mail.institution_address_wrong')),
      ],
    };
  },
  'address-proposed'(read) {
    const { t, account, organisation, paragraph } = read;
    const fresh = read.need('newAddress');
    return {
      subject: read.numbered(t('mail.address_proposed_subject')),
      blocks: [
        paragraph(t('mail.address_proposed_what', { organisation, account, fresh })),
        paragraph(t('mail.address_proposed_do')),
        read.ownPage(t('mail.to_account'), '/account/email', true),
        paragraph(t('mail.address_proposed_wrong')),
      ],
    };
  },
  'activated-by-feed'(read) {
    const { t, account, organisation, paragraph } = read;
    return {
      subject: read.numbered(t('mail.activated_by_feed_subject')),
      blocks: [
        paragraph(t('mail.activated_by_feed_what', { organisation, account })),
        read.ownPage(t('mail.to_account'), '/account', true),
        paragraph(t('mail.activated_by_feed_wrong')),
      ],
    };
  },
  'address-confirm'(read) {
    const { t, account, to, paragraph } = read;
    return {
      subject: read.numbered(t('mail.address_confirm_subject')),
      blocks: [
        paragraph(t('mail.address_confirm_what', { account, to })),
        read.mainLink(t('mail.address_confirm_link')),
        ...read.until((until) => t('mail.address_confirm_until', { until })),
        paragraph(t('mail.address_confirm_why')),
      ],
    };
  },
  'secret-ends'(read) {
    const { t, paragraph } = read;
    const [application, client] = [read.need('application'), read.need('client')];
    const [name, day] = [read.datum('secret'), read.day('day')];
    return {
      subject: t('mail.secret_ends_subject', { application, day }),
      blocks: [
        paragraph(
          name === ''
            ? t('mail.secret_ends_what', { application, client })
            : t('mail.secret_ends_what_named', { application, client, name }),
        ),
        ...read.until((until) => t('mail.secret_ends_until', { until })),
        paragraph(
          read.datum('used') === ''
            ? t('mail.secret_ends_unused')
            : t('mail.secret_ends_used', { used: read.day('used') }),
        ),
        paragraph(t('mail.secret_ends_do')),
        read.ownPage(t('mail.secret_ends_link'), `/admin/applications/${encodeURIComponent(client)}/secrets`, true),
        paragraph(t('mail.secret_ends_ask')),
        paragraph(t('mail.secret_ends_why', { application })),
      ],
    };
  },
  'webhook-disabled'(read) {
    const { t, paragraph } = read;
    const address = read.need('address');
    return {
      subject: t('mail.webhook_disabled_subject', { address }),
      blocks: [
        paragraph(
          read.datum('because') === 'gone'
            ? t('mail.webhook_disabled_gone', { address })
            : t('mail.webhook_disabled_gave_up', { address }),
        ),
        paragraph(t('mail.webhook_disabled_lost')),
        paragraph(t('mail.webhook_disabled_do')),
      ],
    };
  },
  'account-suspended': (read) => accountSuspended(read.about()),
  'account-open-again': (read) => accountOpenAgain(read.about()),
  'account-ends': (read) => accountEnds(read.about()),
  'account-erased-soon': (read) => accountErasedSoon(read.about()),
  'account-ended': (read) => accountEnded(read.about()),
  'registration-stopped': (read) => registrationStopped(read.about()),
  'desk-acted'(read) {
    const { t, account, at, paragraph } = read;
    const act = deskActs[read.need('act')] ?? 'sessions';
    return {
      subject: read.numbered(t(`mail.desk_${act}_subject`)),
      blocks: [
        paragraph(t(`mail.desk_${act}_what`, { account, at })),
        paragraph(t('mail.desk_asked')),
        paragraph(t('mail.desk_not_asked')),
      ],
    };
  },
};

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
