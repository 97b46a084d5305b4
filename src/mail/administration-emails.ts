/** What the emails say to those who administer, and what the service desk did. */
import type { Templates } from './read-email.ts';

/** The acts of the desk, as the names of their sentences have them. */
const deskActs: Record<string, 'pass' | 'resend' | 'address' | 'sessions'> = {
  pass: 'pass',
  resend: 'resend',
  'correct-address': 'address',
  'end-sessions': 'sessions',
};

export const administrationEmails: Templates<
  | 'owner-added'
  | 'owner-removed'
  | 'desk-account-disowned'
  | 'secret-ends'
  | 'webhook-disabled'
  | 'desk-acted'
  | 'scim-held'
> = {
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
  'desk-account-disowned'(read) {
    const { t, at, organisation, paragraph } = read;
    const number = read.datum('number');
    // it is read by the service desk, whose account it is not
    const account =
      number === ''
        ? t('mail.account_theirs', { organisation })
        : t('mail.account_theirs_number', { organisation, number });
    return {
      subject: read.numbered(t('mail.desk_disowned_subject')),
      blocks: [
        paragraph(t('mail.desk_disowned_what', { account, at })),
        paragraph(t('mail.desk_disowned_done')),
        paragraph(t('mail.desk_disowned_do')),
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
  'scim-held'(read) {
    const { t, at, paragraph } = read;
    const [source, most] = [read.need('source'), read.need('most')];
    return {
      subject: t('mail.scim_held_subject', { source }),
      blocks: [
        paragraph(t('mail.scim_held_what', { at, source, most })),
        paragraph(t('mail.scim_held_lost')),
        paragraph(t('mail.scim_held_do')),
        read.ownPage(t('mail.scim_held_link'), `/admin/sources/${encodeURIComponent(source)}`, true),
        paragraph(t('mail.scim_held_command', { command: `pedel sources release ${source} --people …` })),
      ],
    };
  },
  'desk-acted'(read) {
    const { t, account, at, paragraph } = read;
    const act = deskActs[read.need('act')] ?? 'sessions';
    return {
      subject: read.numbered(t(`mail.desk_${act}_subject`)),
      blocks: [
        paragraph(t(`mail.desk_${act}_what`, { account, at })),
        paragraph(t('mail.desk_asked')),
        ...read.orNotMe(t('mail.desk_not_me'), [paragraph(t('mail.desk_not_asked'))]),
      ],
    };
  },
};
