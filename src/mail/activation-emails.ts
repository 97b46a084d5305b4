/** What the emails say by which people come to their account. */
import type { Templates } from './read-email.ts';

export const activationEmails: Templates<'invitation' | 'activation-code' | 'already-active' | 'activated-by-feed'> = {
  invitation(read) {
    const { t, organisation, paragraph } = read;
    const number = read.number();
    return {
      subject: t('mail.invitation_subject', { number, organisation }),
      blocks: [
        paragraph(t('mail.invitation_what', { organisation })),
        // who has no number has an address in its place
        { kind: 'large', label: number.includes('@') ? t('mail.your_login') : t('mail.your_number'), value: number },
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
};
