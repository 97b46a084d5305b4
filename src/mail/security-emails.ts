/** What the emails say about passwords, second factors and sign-ins. */
import { codeNotAsked, type Read, type Templates, wasItYou } from './read-email.ts';

export const securityEmails: Templates<
  | 'reset'
  | 'factor-code'
  | 'password-changed'
  | 'factor-added'
  | 'factor-removed'
  | 'recovery-code-used'
  | 'recovery-codes-renewed'
  | 'passkey-copied'
  | 'password-guessed'
  | 'password-known'
  | 'new-browser'
  | 'stopped-halfway'
  | 'account-secured'
> = {
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
        ...codeNotAsked(read),
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
  'recovery-code-used'(read) {
    const { t, account, at, paragraph } = read;
    const left = Number(read.need('left'));
    return {
      subject: read.numbered(t('mail.recovery_code_used_subject')),
      blocks: [
        paragraph(t('mail.recovery_code_used_what', { account, at })),
        paragraph(left === 0 ? t('mail.recovery_codes_none') : t('mail.recovery_codes_left', { count: left })),
        read.ownPage(t('mail.to_account'), '/account', true),
        ...wasItYou(read, false),
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
        ...read.orNotMe(t('mail.password_known_not_me'), [
          paragraph(t('mail.password_known_do')),
          read.ownPage(t('mail.choose_password'), '/forgotten', true),
        ]),
        paragraph(t('mail.password_known_meanwhile')),
      ],
    };
  },
  'new-browser'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.new_browser_subject')),
      blocks: [
        paragraph(t('mail.new_browser_what', { account, at })),
        paragraph(browserOf(read)),
        paragraph(t('mail.new_browser_was_you')),
        paragraph(t('mail.not_me_do')),
        read.mainLink(t('mail.not_me_link')),
        ...read.until((until) => t('mail.new_browser_until', { until })),
      ],
    };
  },
  'stopped-halfway'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: read.numbered(t('mail.halfway_subject')),
      blocks: [
        paragraph(t('mail.halfway_what', { account, at: read.moment('happened') })),
        paragraph(browserOf(read)),
        paragraph(t('mail.halfway_was_you')),
        paragraph(t('mail.halfway_not_you')),
        read.mainLink(t('mail.not_me_link')),
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
};

/** The line that names the browser, and the network where it has a name. */
function browserOf({ t, datum }: Pick<Read<'new-browser' | 'stopped-halfway'>, 't' | 'datum'>): string {
  const [name, system, network] = [datum('name'), datum('system'), datum('network')];
  const named = system === '' ? name : t('account.session_on', { browser: name, system });
  const browser = name === '' ? t('account.session_unknown') : named;
  return network === '' ? t('mail.new_browser_with', { browser }) : t('mail.new_browser_with_in', { browser, network });
}
