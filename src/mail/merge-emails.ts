/** What the emails say about accounts that were merged, or taken apart. */
import type { Templates } from './read-email.ts';

export const mergeEmails: Templates<'accounts-merged' | 'account-parted' | 'account-back'> = {
  'accounts-merged'(read) {
    const { t, at, organisation, paragraph, ownPage } = read;
    const [number, gone] = [read.number(), read.need('gone')];
    return {
      subject: t('mail.accounts_merged_subject', { number }),
      blocks: [
        paragraph(t('mail.accounts_merged_what', { at, organisation, number, gone })),
        paragraph(t('mail.accounts_merged_sign_in', { number, gone })),
        ownPage(t('mail.to_account'), '/account', true),
        paragraph(t('mail.accounts_merged_wrong', { day: read.day('undoUntil') })),
      ],
    };
  },
  'account-parted'(read) {
    const { t, at, account, paragraph, ownPage } = read;
    return {
      subject: read.numbered(t('mail.account_parted_subject')),
      blocks: [
        paragraph(t('mail.account_parted_what', { at, account, other: read.need('other') })),
        paragraph(t('mail.account_parted_sign_in')),
        ownPage(t('mail.to_account'), '/account', true),
        paragraph(t('mail.accounts_wrong')),
      ],
    };
  },
  'account-back'(read) {
    const { t, at, account, paragraph, ownPage } = read;
    return {
      subject: read.numbered(t('mail.account_back_subject')),
      blocks: [
        paragraph(t('mail.account_back_what', { at, account, other: read.need('other') })),
        paragraph(t('mail.account_back_sign_in')),
        ownPage(t('mail.to_account'), '/account', true),
        paragraph(t('mail.accounts_wrong')),
      ],
    };
  },
};
