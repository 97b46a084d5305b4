/**
 * English sentences of the emails. `{{account}}` is `account` or `account_number`; `{{at}}`, `{{until}}` whole dates.
 */
export const mail = {
  account: 'your account at {{organisation}}',
  account_number: 'your account {{number}} at {{organisation}}',
  account_theirs: 'an account at {{organisation}}',
  account_theirs_number: 'the account {{number}} at {{organisation}}',

  greeting: 'Dear {{name}},',
  greeting_unknown: 'Hello,',
  closing: 'Kind regards,',
  contacts: 'Do you have a question, or is something not correct? Contact the service desk:',
  automatic:
    'This email was sent automatically by {{issuer}}. We never ask for your password or for a code, not by email and not by phone: give them to no one.',
  your_number: 'Your user number',
  your_login: 'You sign in with',
  your_code: 'Your code',
  to_account: 'Go to my account page',
  choose_password: 'Choose a new password',
  was_you: 'Was this you? Then you do not need to do anything.',
  not_you:
    'Was this not you? Then someone else may be using your account. Choose a new password right away and contact the service desk (see below).',
  not_me_do:
    'Was this not you? Then use the link below: everyone is signed out, and the current password no longer works. After that you choose a new password.',
  not_me_link: 'This was not me',
  not_me_days: 'The link works once, within 30 days.',

  invitation_subject: 'Activate your account {{number}} at {{organisation}}',
  invitation_what:
    '{{organisation}} has registered you and created an account for you. With this account you sign in once to use all your applications.',
  invitation_do:
    'Activate your account with the link below. The page shows who the link is for, and you choose a password. It takes a few minutes.',
  invitation_do_second_step:
    'Activate your account with the link below. The page shows who the link is for, and you choose a password. Then you set up a second step, because {{organisation}} requires one each time you sign in. Have your phone or security key at hand. It takes a few minutes.',
  invitation_link: 'Activate my account',
  invitation_until:
    'The link works until {{until}}, Belgian time. It is for you only, so please do not forward this email.',
  invitation_again: 'Has the link expired? Request a new one',
  invitation_why:
    'You are receiving this email because {{organisation}} has this address on file for you. Are you not expecting it? Then you can delete this email: without you nothing is activated.',

  activation_code_subject: 'Your activation code for {{number}}',
  activation_code_what:
    'You requested a code to activate {{account}}. Enter it on the page where you requested it. Capitals, spaces and dashes do not matter.',
  activation_code_link_what: 'Did you close that page, or are you reading this on another device? Continue here:',
  activation_code_link: 'Continue activating',
  activation_code_until:
    'The code works until {{until}}, Belgian time, or until your account is active. After that, or if you have lost it, you can request a new one on the same page.',
  activation_code_why:
    'You are receiving this email because someone entered your user number and this address on our activation page. Was that not you? Then you do not need to do anything: without this code nothing is activated.',

  already_active_subject: 'Your account is already active',
  already_active_what:
    'Someone, probably you, requested a code to activate {{account}}. There is no code in this email, because the account is already active. Sign in with your user number and your password:',
  already_active_forgotten: 'Have you forgotten your password?',
  already_active_why: 'Did you not request a code? Then you do not need to do anything: nothing has changed.',

  reset_subject: 'Choose a new password for {{number}}',
  reset_what: 'A new password was requested for {{account}}. Choose it with this link:',
  reset_until: 'The link works once, until {{until}}, Belgian time. Please do not forward this email.',
  reset_second_step:
    'If you use a second step when you sign in, we ask for it first. Once you have saved the new password, you are signed out everywhere else.',
  reset_why:
    'You are receiving this email because someone entered your user number or address on our page for forgotten passwords. Was that not you? Then you do not need to do anything: your password stays as it is.',

  factor_code_subject: 'Your code to set up a second step for {{number}}',
  factor_code_what:
    'You signed in with your password and want to set up a second step for {{account}}. Enter this code on the page where you were:',
  factor_code_until: 'The code works once, until {{until}}, Belgian time.',
  factor_code_why:
    'Was that not you? Then someone else knows your password. Choose a new one right away, give this code to no one, and contact the service desk (see below).',
  factor_code_not_me:
    'Was that not you? Then someone else knows your password. Give this code to no one, and use the link below: everyone is signed out, and the current password no longer works. After that you choose a new password.',

  password_changed_subject: 'Your password was changed',
  password_changed_what:
    'On {{at}} the password of {{account}} was changed. You have been signed out wherever you were signed in before.',

  factor_added_subject: 'A second step was added to your account',
  factor_added_what: 'On {{at}} a second step was added to {{account}}: “{{factor}}”. You can now sign in with it.',

  factor_removed_subject: 'A second step was removed from your account',
  factor_removed_what:
    'On {{at}} a second step was removed from {{account}}: “{{factor}}”. You can no longer sign in with it.',

  owner_added_subject: '{{owner}} is now an owner of the sign-in system',
  owner_added_what:
    'On {{at}} {{owner}} was made an owner of the sign-in system. You are receiving this email because you are an owner too.',
  owner_added_can:
    'An owner may do everything there: manage every application and every person, and decide who has which role.',
  owner_unexpected: 'Did you not expect this? Ask the other owners right away.',

  owner_removed_subject: '{{owner}} is no longer an owner of the sign-in system',
  owner_removed_what:
    'On {{at}} {{owner}} stopped being an owner of the sign-in system. All owners receive this email, {{owner}} included.',

  recovery_codes_renewed_subject: 'New recovery codes were made for your account',
  recovery_codes_renewed_what:
    'On {{at}} new recovery codes were made for {{account}}. The earlier codes no longer work.',
  recovery_code_used_subject: 'One of your recovery codes was used',
  recovery_code_used_what: 'On {{at}} one of the recovery codes of {{account}} was used. Each code works once.',
  recovery_codes_left_one: 'You have 1 recovery code left. Make new ones on your account page.',
  recovery_codes_left_other: 'You have {{count}} recovery codes left. You can make new ones on your account page.',
  recovery_codes_none:
    'That was your last code. Make new ones on your account page, so that you can still sign in if you lose your second step.',

  passkey_copied_subject: 'One of your passkeys may have been copied',
  passkey_copied_what:
    'On {{at}} someone tried to sign in to {{account}} with “{{factor}}”. It counts how often it is used, and this time its count was behind. That can mean that it was copied, so we refused it.',
  passkey_copied_do: 'Remove it on your account page, and set up a new one:',
  passkey_copied_ask:
    'Can you no longer sign in, or did you copy it yourself? Contact the service desk (see below). Other second steps and recovery codes still work.',

  password_guessed_subject: 'Someone is guessing your password',
  password_guessed_what:
    'Someone has entered a wrong password for {{account}} a hundred times within an hour. Nothing suggests that they have found the right one.',
  password_guessed_safe:
    'To stop them, for at most an hour we accept no password in browsers that we do not know, not even the right one. You can still sign in with a passkey, or in a browser that you used before.',
  password_guessed_do:
    'Do you need to sign in elsewhere right now? Choose a new password: with that one you can sign in again at once.',
  recovery_code_subject: 'Your code to get back in ({{number}})',
  recovery_code_what:
    'Someone, probably you, entered the password of {{account}} and said that the second step is lost. Enter this code on the page where you requested it:',
  recovery_started_subject: 'Someone wants to replace your second step',
  recovery_started_what:
    'On {{at}} someone entered the password of {{account}} and a code that we had emailed to you. They said that the second step is lost and want to set up a new one.',
  recovery_from:
    'Nothing changes until {{until}}, Belgian time. After that they can set up a new second step, and then the old one stops working.',
  recovery_not_you:
    'Was this not you? Then someone else knows your password, and may be able to read your email. Stop it with the link below, then choose a new password. Signing in with your second step stops it as well.',
  recovery_stop_link: 'Stop this',
  recovery_was_you:
    'Was this you? Then you do not need to do anything. We email you every day, and again when you can continue.',
  recovery_reminder_subject: 'Your second step will be replaced, unless you stop it',
  recovery_reminder_what: 'Someone is waiting to set up a new second step for {{account}}.',
  recovery_open_subject: 'You can now set up a new second step',
  recovery_open_what:
    'The waiting time for {{account}} is over. Sign in with your password and choose “I have lost my second step”: we then send you a code.',
  recovery_open_until: 'You can do so until {{until}}, Belgian time.',
  recovery_stopped_subject: 'Your second step stays as it is',
  recovery_stopped_what:
    'On {{at}} the replacement of the second step of {{account}} was stopped. Nothing has changed.',
  recovery_stopped_second_step: 'Someone signed in with the second step, so it is not lost.',
  recovery_stopped_session: 'Someone who was signed in stopped it on the account page.',
  recovery_stopped_email: 'It was stopped with the link in our email.',
  recovery_stopped_desk: 'The service desk stopped it.',
  recovery_stopped_not_used: 'No one set up a new second step in the week after the waiting time.',
  recovery_stopped_otherwise: 'Meanwhile something in the account changed, such as the password.',
  recovery_stopped_do: 'Did you not ask for it? Then someone else knows your password: choose a new one right away.',
  recovery_stopped_not_me:
    'Did you not ask for it? Then someone else knows your password. Use the link below: everyone is signed out, and the current password no longer works. After that you choose a new password.',
  recovery_stopped_lost:
    'Did you ask for it, and have you really lost your second step? Then contact the service desk (see below).',
  new_browser_subject: 'New sign-in to your account',
  new_browser_what: 'On {{at}} someone signed in to {{account}}, in a browser that we did not know yet.',
  new_browser_with: 'Browser: {{browser}}.',
  new_browser_with_in: 'Browser: {{browser}}, from {{network}}.',
  new_browser_was_you: 'Was this you? Then you do not need to do anything. You get this email once for each browser.',
  new_browser_until: 'The link works once, until {{until}}, Belgian time.',
  halfway_subject: 'Someone entered your password but did not finish signing in',
  halfway_what:
    'On {{at}} someone entered the correct password of {{account}}, in a browser that we did not know yet, and did not finish signing in. They did not get in.',
  halfway_was_you: 'Was this you? Then you do not need to do anything.',
  halfway_not_you:
    'Was this not you? Then someone else knows your password. Use the link below: everyone is signed out, and the current password no longer works. After that you choose a new password.',
  account_secured_subject: 'Your account is secured: choose a new password',
  account_secured_what:
    'On {{at}} you told us that someone else had done something with {{account}}. We have signed everyone out, and the links and codes that we sent before no longer work.',
  account_secured_factors: 'We have removed the second steps that were added after that: {{factors}}.',
  account_secured_do: 'Your password no longer works either. Choose a new one:',
  account_secured_check:
    'Then check on your account page that your second steps, your email addresses and your applications are as you left them.',
  account_secured_wrong:
    'Was it not you who told us? Then someone else can read your email, or has used a browser in which you were signed in. Contact the service desk (see below).',
  desk_disowned_subject: 'Someone else has used an account',
  desk_disowned_what: 'On {{at}} the owner of {{account}} told us that someone else had done something with it.',
  desk_disowned_done:
    'All sessions have ended, and the password no longer works. The person has to choose a new one, with a link that we send to the email address on file, and with the second step if there is one.',
  desk_disowned_do: 'The person may contact you. The audit log shows what happened.',
  password_known_subject: 'Someone knows your password',
  password_known_what:
    'Someone entered the correct password of {{account}} and then, many times, a wrong code for the second step.',
  password_known_safe:
    'They did not get in: your second step stopped them. To keep it that way, we refuse codes from unknown browsers for now. You can still sign in with a passkey, or in a browser that you used before.',
  password_known_do: 'Choose a new password right away, one that you use nowhere else:',
  password_known_not_me:
    'Use the link below: everyone is signed out, and the current password no longer works. After that you choose a new password, one that you use nowhere else.',
  password_known_meanwhile:
    'Was it you, for example because the clock of your phone is wrong or you set up the app again? Contact the service desk (see below).',

  address_refused_subject: 'Our emails do not reach one of your addresses',
  address_refused_what:
    'An email about {{account}} to {{address}} was refused. That mailbox may not exist any more, or be full.',
  address_refused_do:
    'Codes and links that go there do not reach you either. Is the address wrong? Ask the service desk (see below) to correct it.',

  address_changed_subject: 'Your personal email address was changed',
  address_changed_what:
    'On {{at}} the personal email address of {{account}} was changed from {{old}} to {{fresh}}. We send this email to both addresses.',
  address_removed_what:
    'On {{at}} {{old}} was removed as the personal email address of {{account}}. Links to choose a new password now go to the address of your institution.',
  address_set_what: 'On {{at}} {{fresh}} became the personal email address of {{account}}.',

  address_undo_what: 'Was this not you? Undo it: {{old}} becomes your address again, and everyone is signed out.',
  address_undo_what_none: 'Was this not you? Undo it: the address is removed, and everyone is signed out.',
  address_undo_link: 'Undo the change',
  address_undo_until: 'The link works once, until {{until}}, Belgian time. You do not need to sign in for it.',
  address_undone_subject: 'A change of your email address was undone',
  address_undone_what:
    'On {{at}} the change of the personal email address of {{account}} to {{gone}} was undone. It is {{back}} again.',
  address_undone_what_none:
    'On {{at}} the change of the personal email address of {{account}} to {{gone}} was undone. There is no personal address now.',
  address_undone_what_back:
    'On {{at}} the removal of the personal email address of {{account}} was undone. It is {{back}} again.',
  address_undone_out: 'You have been signed out wherever you were signed in before.',
  address_undone_do:
    'Did someone else make the change? Then they may know your password. Choose a new one right away, and contact the service desk (see below).',

  data_downloaded_subject: 'Your data was downloaded',
  data_downloaded_what: 'On {{at}} someone downloaded a copy of everything that we store about {{account}}.',

  institution_address_subject: 'Your account has a new email address from your institution',
  institution_address_what:
    '{{organisation}} told us that {{fresh}} is now an email address of {{account}}. You can sign in with it.',
  institution_address_held:
    'Until {{day}} we send no link or code that opens your account to that address, unless you confirm it on your account page.',
  institution_address_wrong: 'Is that address not yours? Contact the service desk before that day (see below).',

  address_proposed_subject: 'Is this your new personal email address?',
  address_proposed_what: '{{organisation}} told us that {{fresh}} is the personal email address of {{account}}.',
  address_proposed_do:
    'We use it only once you have confirmed it on your account page. Until then we use the current one.',
  address_proposed_wrong: 'Is it not yours? Refuse it on your account page, and tell the service desk (see below).',

  activated_by_feed_subject: 'Your account is active',
  activated_by_feed_what:
    '{{organisation}} has registered you, and {{account}} is active now. You sign in with the password that you already use there.',
  activated_by_feed_wrong: 'Did you not expect this email? Contact the service desk (see below).',

  address_confirm_subject: 'Confirm your email address',
  address_confirm_what:
    'You entered {{to}} as the personal email address of {{account}}. Confirm with this link that it is yours:',
  address_confirm_link: 'Confirm this address',
  address_confirm_until:
    'The link works until {{until}}, Belgian time. Until you have confirmed the new address, we use the old one.',
  address_confirm_why:
    'You are receiving this email because someone entered this address on an account page. Was that not you? Then you do not need to do anything: the address will not be used.',

  secret_ends_subject: 'A secret of {{application}} expires on {{day}}',
  secret_ends_what:
    'One of the secrets with which the application {{application}} ({{client}}) signs people in expires soon.',
  secret_ends_what_named:
    'The secret “{{name}}”, with which the application {{application}} ({{client}}) signs people in, expires soon.',
  secret_ends_until:
    'It works until {{until}}, Belgian time. If the application still uses it then, nobody can sign in.',
  secret_ends_used: 'It was last used on {{used}}.',
  secret_ends_unused: 'We know of no use of it. If nothing uses it any more, you do not need to do anything.',
  secret_ends_do:
    'Add a new secret, enter it in the application, and retire the old one once it is no longer used. Meanwhile both work, and nobody is signed out.',
  secret_ends_link: 'The secrets of this application',
  secret_ends_ask: 'Can you not open that page? Ask the service desk for a new secret (see below).',
  secret_ends_why: 'You are receiving this email because you are a contact of {{application}}.',

  webhook_disabled_subject: 'Messages to {{address}} are no longer sent',
  webhook_disabled_gave_up:
    'You are the contact of the webhook at {{address}}. For three days it has not accepted a message, so it is disabled.',
  webhook_disabled_gone:
    'You are the contact of the webhook at {{address}}. It answered that it wants no more messages (410), so it is disabled.',
  webhook_disabled_lost:
    'What happens while it is disabled is not sent later either. Fetch it yourself once it works again.',
  webhook_disabled_do: 'When it answers again, ask an administrator to enable it.',

  desk_pass_subject: 'The service desk gave a one-time pass for your account',
  desk_pass_what:
    'On {{at}} the service desk gave a one-time pass for {{account}}. With that pass and your password, a new second step can be set up within one hour; your old second step and recovery codes then stop working.',
  desk_resend_subject: 'The service desk sent your activation email again',
  desk_resend_what:
    'On {{at}} the service desk sent the email to activate {{account}} again, to your personal address.',
  desk_address_subject: 'The service desk changed your personal email address',
  desk_address_what:
    'On {{at}} the service desk changed the personal email address of {{account}}. Links that went to the old address no longer work.',
  desk_sessions_subject: 'The service desk signed you out everywhere',
  desk_sessions_what: 'On {{at}} the service desk signed you out of {{account}} in all browsers and applications.',
  scim_held_subject: 'The source {{source}} is ending the access of too many people',
  scim_held_what:
    'Since {{at}} we no longer end anyone’s access at the request of the source {{source}}: within 24 hours, at most {{most}} people may lose it.',
  scim_held_lost: 'Nothing is lost: the source tries again, and we process everything else it sends as usual.',
  scim_held_do:
    'First find out why so many leave. Is it right? Then release as many people as the source itself reports.',
  scim_held_link: 'Look at the source',
  scim_held_command: 'On the server, this does it too: {{command}}',
  desk_asked: 'Did you ask for it? Then you do not need to do anything.',
  desk_not_asked: 'Did you not ask for it? Then contact the service desk right away (see below).',
  desk_not_me:
    'Did you not ask for it? Use the link below: everyone is signed out, links and codes that are under way stop working, and so does the current password. Then choose a new password, and contact the service desk (see below).',
  account_suspended_subject: 'Your account is closed for now',
  account_suspended_ask: 'Do you want to know why, or how it opens again? Contact the service desk (see below).',
  accounts_merged_subject: 'Your two accounts are now one ({{number}})',
  accounts_merged_what:
    'On {{at}} the administration of {{organisation}} merged two accounts in your name: {{gone}} is now part of {{number}}.',
  accounts_merged_sign_in:
    'From now on, sign in with {{number}}, and with the password and the second step of that account. The password of {{gone}} no longer works, and you have been signed out wherever you used it. Applications where you signed in with {{gone}} may not recognise you.',
  accounts_merged_wrong:
    'Is one of these accounts not yours? Then contact the service desk (see below). Until {{day}} it can be undone.',
  account_parted_subject: 'Data was taken out of your account',
  account_parted_what:
    'On {{at}} the administration took out of {{account}} what belongs to another account ({{other}}): numbers, addresses and registrations.',
  account_parted_sign_in:
    'Your own password and second step stay as they are. You have been signed out everywhere; sign in again.',
  account_back_subject: 'You have an account of your own again',
  account_back_what: 'Since {{at}} {{account}} has been a separate account again. It is no longer part of {{other}}.',
  account_back_sign_in: 'Sign in as before: with your own number, password and second step.',
  accounts_wrong: 'Is something missing, or is this not right? Contact the service desk (see below).',
  account_open_again_subject: 'Your account is open again',
  account_open_again_what: 'Since {{at}} {{account}} has been open again. You can sign in, with the same number.',
  account_open_again_password: 'Your old password no longer works, because someone else may know it. Choose a new one:',

  account_ended_subject: 'Your account has ended',
  account_ended_then: 'You can no longer sign in to {{account}}, and you have been signed out of every application.',
  account_ended_again:
    'Will you be registered again later? Then {{organisation}} tells us, and your account opens again, with the same number and password.',
  account_ended_wrong: 'Is that not correct? Contact the service desk (see below).',
  account_erased_subject: 'What we know about you will be erased on {{day}}',
  account_erased_what:
    'Your account has ended, and the time for which we keep it is almost over. On {{day}} we erase {{account}} and everything that we know about you.',
  account_erased_again:
    'Will you be registered again? Ask {{organisation}} to tell us before that day, or you get a new account with a new number.',
  account_erased_nothing: 'Will you not be registered again? Then you do not need to do anything.',
  registration_stopped_subject: 'Your registration at {{organisation}} changed',
  registration_stopped_what: '{{organisation}} told us that something has changed in your registration there.',
  registration_stopped_wrong:
    'Is that not correct? Contact the service desk (see below), so that {{organisation}} can correct it.',

  account_ends_subject: 'Your account ends on {{day}}',
  account_ends_then:
    'From then on you can no longer sign in to {{account}}, and you are signed out of every application.',
  account_ends_do:
    'Is there anything that you want to keep, such as messages, files or certificates? Save it before the end of that day.',
  account_ends_again:
    'Will you be registered again? Then you do not need to do anything: as soon as {{organisation}} tells us, your account continues or becomes active again, with the same number and password.',
  account_ends_wrong:
    'You are receiving this email because this account is yours. Is the day not correct? Contact the service desk before then.',
};
