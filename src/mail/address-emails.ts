/** What the emails say about addresses and about what is stored of a person. */
import { type Templates, wasItYou } from './read-email.ts';

/** '' where there is no address before or after. */
const changed = (old: string, fresh: string) => {
  if (fresh === '') return 'mail.address_removed_what';
  return old === '' ? 'mail.address_set_what' : 'mail.address_changed_what';
};
const undone = (gone: string, back: string) => {
  if (gone === '') return 'mail.address_undone_what_back';
  return back === '' ? 'mail.address_undone_what_none' : 'mail.address_undone_what';
};

export const addressEmails: Templates<
  | 'address-refused'
  | 'address-changed'
  | 'address-undone'
  | 'data-downloaded'
  | 'institution-address'
  | 'address-proposed'
  | 'address-confirm'
> = {
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
  'address-changed'(read) {
    const { t, account, at, paragraph } = read;
    const [old, fresh] = [read.datum('oldAddress'), read.datum('newAddress')];
    return {
      subject: read.numbered(t('mail.address_changed_subject')),
      blocks: [
        paragraph(t(changed(old, fresh), { account, at, old, fresh })),
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
    const [gone, back] = [read.datum('gone'), read.datum('back')];
    return {
      subject: read.numbered(t('mail.address_undone_subject')),
      blocks: [
        paragraph(t(undone(gone, back), { account, at, gone, back })),
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
};
