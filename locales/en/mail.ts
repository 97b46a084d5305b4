/** What the letters say, in English. `{{account}}` is one of the first two; `{{at}}` and `{{until}}` are whole dates. */
export const mail = {
  account: 'your account at {{organisation}}',
  account_number: 'your account {{number}} at {{organisation}}',

  greeting: 'Dear {{name}},',
  greeting_unknown: 'Hello,',
  closing: 'Kind regards,',
  contacts: 'Questions, or is something not right? These people help you:',
  automatic:
    'This letter was written automatically by {{issuer}}. We never ask for your password or for a code, not by e-mail and not by telephone: give them to nobody.',
  your_number: 'Your user number',
  your_code: 'Your code',
  to_account: 'Go to my account page',
  choose_password: 'Choose a new password',
  was_you: 'Was this you? Then there is nothing you need to do.',
  not_you:
    'Was this not you? Then somebody else may be using your account. Choose a new password right away and tell us: below you find whom to call.',

  invitation_subject: 'Activate your account {{number}} at {{organisation}}',
  invitation_what:
    '{{organisation}} has registered you and made an account for you. With it you sign in once and go on to all applications that are there for you.',
  invitation_do:
    'Activate your account with the link below. It shows you who it is for, and you choose a password. That takes a few minutes.',
  invitation_do_second_step:
    'Activate your account with the link below. It shows you who it is for, you choose a password, and then you set up a second step, because {{organisation}} asks for one whenever you sign in. Keep your telephone or security key at hand; it takes a few minutes.',
  invitation_link: 'Activate my account',
  invitation_until:
    'The link works until {{until}}, Belgian time. It is meant for you alone, so please do not forward this letter.',
  invitation_again: 'Did it expire? Ask for a new one here',
  invitation_why:
    'You receive this letter because {{organisation}} has this address as yours. If you do not know why, you may throw it away: without you nothing is activated.',

  activation_code_subject: 'Your activation code for {{number}}',
  activation_code_what:
    'You asked for a code to activate {{account}}. Fill it in on the page where you asked for it. Capitals and dashes do not matter.',
  activation_code_link_what: 'Did you close that page, or are you reading this on another device? Then go on here:',
  activation_code_link: 'Go on with the activation',
  activation_code_until:
    'You can use it until {{until}}, Belgian time, or until your account is active. Afterwards, or if you lost it, ask for a new one on the same page.',
  activation_code_why:
    'You receive this letter because somebody filled in your user number and this address on our activation page. If that was not you, you need not do anything: without this code nothing is activated.',

  already_active_subject: 'Your account is already active',
  already_active_what:
    'Somebody, probably you, asked for a code to activate {{account}}. There is none in this letter, because the account is active already. Sign in with your user number and your password:',
  already_active_forgotten: 'Do you not remember the password? Then choose a new one.',
  already_active_why: 'If it was not you who asked, you need not do anything: nothing has changed.',

  reset_subject: 'Choose a new password for {{number}}',
  reset_what: 'You told us that you forgot the password of {{account}}. Choose a new one with this link:',
  reset_until: 'The link works once, until {{until}}, Belgian time. Please do not forward this letter.',
  reset_second_step:
    'If you use a second step when you sign in, we ask for it first. Afterwards you are signed out everywhere, and sign in with the new password.',
  reset_why:
    'You receive this letter because somebody filled in your user number or address on our page for forgotten passwords. If that was not you, you need not do anything: your password stays as it is.',

  factor_code_subject: 'Your code to set up a second step for {{number}}',
  factor_code_what:
    'You signed in with your password and want to set up a second step for {{account}}. Fill in this code on the page where you were:',
  factor_code_until: 'The code works once, until {{until}}, Belgian time.',
  factor_code_why:
    'Was it not you who signed in? Then somebody else knows your password. Choose a new one right away, give this code to nobody, and tell us: below you find whom to call.',

  password_changed_subject: 'Your password was changed',
  password_changed_what:
    'On {{at}} the password of {{account}} was changed. Wherever you were signed in before, you have been signed out.',

  factor_added_subject: 'A second step was added to your account',
  factor_added_what: 'On {{at}} a second step was added to {{account}}: “{{factor}}”. It can now be used to sign in.',

  factor_removed_subject: 'A second step was removed from your account',
  factor_removed_what:
    'On {{at}} a second step was removed from {{account}}: “{{factor}}”. It can no longer be used to sign in.',

  recovery_codes_renewed_subject: 'New recovery codes were made for your account',
  recovery_codes_renewed_what:
    'On {{at}} new recovery codes were made for {{account}}. The ones from before no longer work.',
  recovery_code_used_subject: 'One of your recovery codes was used',
  recovery_code_used_what:
    'On {{at}} one of the recovery codes of {{account}} was used. It does not work a second time.',
  recovery_codes_left_one: 'You have one recovery code left. Make new ones on your account page.',
  recovery_codes_left_other: 'You have {{count}} recovery codes left. You make new ones on your account page.',
  recovery_codes_none:
    'That was the last one. Make new ones on your account page, so that you can still sign in when you lose your second step.',

  password_known_subject: 'Somebody knows your password',
  password_known_what:
    'Somebody has signed in to {{account}} with the right password and then gave a wrong code for the second step many times.',
  password_known_safe:
    'They did not get in: your second step stopped them. To keep it so, we refuse codes from unknown browsers for now. You can still sign in with a passkey, or in a browser that you used before.',
  password_known_do:
    'Your password is no longer yours alone. Choose a new one right away, one that you use nowhere else:',
  password_known_meanwhile:
    'Was it you yourself, with a telephone whose clock is wrong or an app that was set up anew? Then call us: below you find whom.',

  address_changed_subject: 'Your personal e-mail address was changed',
  address_changed_what:
    'On {{at}} the personal e-mail address of {{account}} was changed from {{old}} to {{fresh}}. This letter goes to both.',
  address_set_what: 'On {{at}} {{fresh}} became the personal e-mail address of {{account}}.',

  address_confirm_subject: 'Confirm your e-mail address',
  address_confirm_what:
    'You filled in {{to}} as the personal e-mail address of {{account}}. Confirm with this link that it is yours:',
  address_confirm_link: 'Confirm this address',
  address_confirm_until:
    'The link works until {{until}}, Belgian time. Until you have confirmed it, we go on using the old one.',
  address_confirm_why:
    'You receive this letter because somebody filled in this address on their account page. If that was not you, you need not do anything: the address will not be used.',

  account_ends_subject: 'Your account ends on {{day}}',
  account_ends_what:
    'On {{day}}, at the end of the day, Belgian time, {{account}} ends. From then on you cannot sign in any more, and you are signed out of every application.',
  account_ends_planned: '{{organisation}} told us that your registration there runs until that day.',
  account_ends_official:
    '{{organisation}} told us that your registration there ended on {{ended}}. Your account goes on for a few days more.',
  account_ends_do: 'Is there anything you want to keep, such as messages, files or certificates? Save it before then.',
  account_ends_again:
    'Will you be registered again? Then you need not do anything: as soon as {{organisation}} tells us, your account goes on, or wakes up with the same number and password.',
  account_ends_wrong:
    'You receive this letter because this account is yours. Is the day not right? Then tell the people below, before it is there.',
};
