/** What the emails say about a slow recovery of the second step. */
import type { MessageKey } from '../../locales/index.ts';
import { codeNotAsked, type Templates } from './read-email.ts';

/** Why it was stopped, as `StopReason` names it. */
const because: Record<string, MessageKey> = {
  'second-step': 'mail.recovery_stopped_second_step',
  session: 'mail.recovery_stopped_session',
  email: 'mail.recovery_stopped_email',
  desk: 'mail.recovery_stopped_desk',
  'not-used': 'mail.recovery_stopped_not_used',
};

export const recoveryEmails: Templates<
  'recovery-code' | 'recovery-started' | 'recovery-reminder' | 'recovery-open' | 'recovery-stopped'
> = {
  'recovery-code'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: t('mail.recovery_code_subject', { number: read.number() }),
      blocks: [
        paragraph(t('mail.recovery_code_what', { account })),
        read.code(),
        ...read.until((until) => t('mail.factor_code_until', { until })),
        ...codeNotAsked(read),
      ],
    };
  },
  'recovery-started'(read) {
    const { t, account, at, paragraph } = read;
    return {
      subject: read.numbered(t('mail.recovery_started_subject')),
      blocks: [
        paragraph(t('mail.recovery_started_what', { account, at })),
        ...read.until((until) => t('mail.recovery_from', { until })),
        paragraph(t('mail.recovery_not_you')),
        read.mainLink(t('mail.recovery_stop_link')),
        paragraph(t('mail.recovery_was_you')),
      ],
    };
  },
  'recovery-reminder'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: read.numbered(t('mail.recovery_reminder_subject')),
      blocks: [
        paragraph(t('mail.recovery_reminder_what', { account })),
        ...read.until((until) => t('mail.recovery_from', { until })),
        paragraph(t('mail.recovery_not_you')),
        read.mainLink(t('mail.recovery_stop_link')),
        paragraph(t('mail.recovery_was_you')),
      ],
    };
  },
  'recovery-open'(read) {
    const { t, account, paragraph } = read;
    return {
      subject: read.numbered(t('mail.recovery_open_subject')),
      blocks: [
        paragraph(t('mail.recovery_open_what', { account })),
        ...read.until((until) => t('mail.recovery_open_until', { until })),
        paragraph(t('mail.recovery_not_you')),
        read.mainLink(t('mail.recovery_stop_link')),
      ],
    };
  },
  'recovery-stopped'(read) {
    const { t, account, at, paragraph } = read;
    const key = because[read.datum('because')] ?? 'mail.recovery_stopped_otherwise';
    return {
      subject: read.numbered(t('mail.recovery_stopped_subject')),
      blocks: [
        paragraph(t('mail.recovery_stopped_what', { account, at })),
        paragraph(t(key)),
        ...read.orNotMe(t('mail.recovery_stopped_not_me'), [
          paragraph(t('mail.recovery_stopped_do')),
          read.ownPage(t('mail.choose_password'), '/forgotten'),
        ]),
        paragraph(t('mail.recovery_stopped_lost')),
      ],
    };
  },
};
