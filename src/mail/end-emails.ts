/** What the letters about the end of an account say; their sentences about days are those of every page (locales/end-in-words.ts). */
import { endInWords, type InWords, whyInWords } from '../../locales/end-in-words.ts';
import type { Translate } from '../../locales/index.ts';
import type { Email } from '../domain/account/emails.ts';
import { explanationOf, whyOf } from '../domain/lifecycle/end-letters.ts';
import type { Block, Content } from './blocks.ts';

type About = {
  t: Translate;
  email: Email;
  words: InWords;
  /** how the reader's account is called */
  account: string;
  organisation: string;
  at: string;
  numbered: (subject: string) => string;
  paragraph: (text: string) => Block;
  ownPage: (label: string, path: string, main?: boolean) => Block;
};

/** In how many words it is said, days left are not counted: nobody knows when the letter is read. */
function sentences({ email, words }: About): string {
  return endInWords(explanationOf(email), words).join(' ');
}

export function accountEnds(about: About): Content {
  const { t, email, words, account, organisation, paragraph } = about;
  return {
    subject: about.numbered(t('mail.account_ends_subject', { day: words.day(email.data.lastDay ?? '') })),
    blocks: [
      paragraph(sentences(about)),
      paragraph(t('mail.account_ends_then', { account })),
      paragraph(t('mail.account_ends_do')),
      paragraph(t('mail.account_ends_again', { organisation })),
      about.ownPage(t('mail.to_account'), '/account', true),
      paragraph(t('mail.account_ends_wrong')),
    ],
  };
}

export function accountEnded(about: About): Content {
  const { t, account, organisation, paragraph } = about;
  return {
    subject: about.numbered(t('mail.account_ended_subject')),
    blocks: [
      paragraph(sentences(about)),
      paragraph(t('mail.account_ended_then', { account })),
      paragraph(t('mail.account_ended_again', { organisation })),
      paragraph(t('mail.account_ended_wrong')),
    ],
  };
}

export function registrationStopped(about: About): Content {
  const { t, email, words, organisation, paragraph } = about;
  const explanation = explanationOf(email);
  const [why = ''] = whyInWords(whyOf(email.data), words);
  const end = endInWords(
    explanation.kind === 'ends' ? { kind: 'ends', lastDay: explanation.lastDay } : explanation,
    words,
  );
  return {
    subject: about.numbered(t('mail.registration_stopped_subject', { organisation })),
    blocks: [
      paragraph(t('mail.registration_stopped_what', { organisation })),
      paragraph([why, ...end].join(' ')),
      ...(explanation.kind === 'ends' ? [paragraph(t('mail.account_ends_do'))] : []),
      about.ownPage(t('mail.to_account'), '/account', true),
      paragraph(t('mail.registration_stopped_wrong', { organisation })),
    ],
  };
}

export function accountErasedSoon(about: About): Content {
  const { t, email, words, account, organisation, paragraph } = about;
  const day = words.day(email.data.day ?? '');
  return {
    subject: about.numbered(t('mail.account_erased_subject', { day })),
    blocks: [
      paragraph(t('mail.account_erased_what', { account, day })),
      paragraph(t('mail.account_erased_again', { organisation })),
      paragraph(t('mail.account_erased_nothing')),
    ],
  };
}

export function accountSuspended(about: About): Content {
  const { t, email, words, account, paragraph } = about;
  const { lastDay = '' } = email.data;
  const suspended = lastDay === '' ? {} : { lastDay };
  return {
    subject: about.numbered(t('mail.account_suspended_subject')),
    blocks: [
      ...endInWords({ kind: 'suspended', ...suspended }, words).map(paragraph),
      paragraph(t('mail.account_ended_then', { account })),
      paragraph(t('mail.account_suspended_ask')),
    ],
  };
}

export function accountOpenAgain(about: About): Content {
  const { t, email, account, at, paragraph } = about;
  const newPassword = (email.data.newPassword ?? '') !== '';
  return {
    subject: about.numbered(t('mail.account_open_again_subject')),
    blocks: [
      paragraph(t('mail.account_open_again_what', { at, account })),
      ...(newPassword
        ? [
            paragraph(t('mail.account_open_again_password')),
            about.ownPage(t('mail.choose_password'), '/forgotten', true),
          ]
        : [about.ownPage(t('mail.to_account'), '/account', true)]),
    ],
  };
}
