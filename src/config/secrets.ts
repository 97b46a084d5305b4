/** Secrets come from the environment, or from a file that the same name with _FILE names; never from the configuration file. */
export const secrets = [
  {
    name: 'PEDEL_SECRET',
    key: 'secret',
    purpose:
      'Seals what Pedel must be able to read back: TOTP seeds, signing keys, emails being sent. At least 32 characters; keep a copy apart from the backups',
  },
  {
    name: 'PEDEL_PREVIOUS_SECRET',
    key: 'previousSecret',
    purpose: 'The secret before the last change, as long as it still seals something',
  },
  {
    name: 'PEDEL_NEXT_SECRET',
    key: 'nextSecret',
    purpose:
      'The next secret, so that every node can open what another one already seals under it (`pedel keys reseal --help`)',
  },
  { name: 'PEDEL_MAIL_USER', key: 'mail.user', purpose: 'User name at the mail server' },
  { name: 'PEDEL_MAIL_PASSWORD', key: 'mail.password', purpose: 'Password at the mail server' },
  { name: 'PEDEL_STORAGE', key: 'storage', purpose: 'As `storage` above; needed when the address holds a password' },
] as const;
