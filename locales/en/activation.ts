/** What the activation and the forgotten-password pages say, in English. */
export const activation = {
  number_title: 'Activate your account',
  number_lead: 'For everyone who received a user number and has not signed in yet.',
  number_label: 'Your user number',
  number_hint: 'A letter and seven digits, such as q0123456. It is in the letter or e-mail you received.',
  number_missing: 'Fill in your user number first.',
  number_button: 'Go on',
  sign_in: 'Already active? Sign in',

  email_title: 'Fill in your e-mail address',
  email_what: 'We send an activation code for {{number}} to the e-mail address your institution has on file.',
  email_label: 'Your e-mail address',
  email_hint:
    'The address you gave to your institution. For your privacy, this page does not say whether it is the right one.',
  email_missing: 'Fill in your e-mail address, such as name@example.org.',
  email_button: 'Request activation code by e-mail',
  other_number: 'Use another user number',

  code_title: 'Fill in your activation code',
  code_what:
    'If the address that was filled in for {{number}} is the one on file, an e-mail from the helpdesk with a code is on its way. That can take a few minutes; look among unwanted mail too.',
  code_label: 'Activation code',
  code_hint: 'Eight letters and digits. Capitals, spaces and dashes do not matter. A code works for 48 hours.',
  code_missing: 'Fill in the code from the e-mail first.',
  code_refused:
    'This code is not right, or it no longer works. Check it with the newest e-mail; after ten wrong tries you need a new code.',
  code_button: 'Go on',
  code_again: 'Send a new code',

  active_title: 'This account is already active',
  active_what: 'Somebody, probably you, activated {{number}} before. You can sign in with it.',
  active_sign_in: 'Sign in',
  active_change: 'Change your password',
  active_forgotten: 'Forgotten your password?',
  active_forgotten_what:
    'We send a link to the e-mail address on file, with which you choose a new one. If you have a second step, you need it too.',
  active_forgotten_button: 'Request a new activation code',

  unknown_title: 'We do not know this user number',
  unknown_what: '{{number}} is not in our files. Check it with the letter or e-mail that you received.',
  unknown_tomorrow:
    'Did you receive it today, or did something change today? Then try again tomorrow: it works as soon as the files of your institution have been read in.',
  unknown_write: 'Is it right, and still unknown? Write to:',
  unknown_again: 'Try another user number',

  too_many_title: 'Too many tries from your network',
  too_many_what:
    'More was asked from your network than we answer in an hour, perhaps not by you. Wait an hour, or use another network, such as your telephone’s.',
  too_many_link: 'If you have an e-mail from us with a link, that link goes on working.',

  ticket_title: 'Activate your account',
  ticket_lead: 'Welcome, {{name}}. This link is for you alone:',
  ticket_name: 'Name',
  ticket_number: 'User number',
  ticket_until: 'Works until',
  ticket_next: 'You will choose a password.',
  ticket_next_factor:
    'You will choose a password and set up a second step. Keep your telephone or security key at hand; it takes about five minutes.',
  ticket_button: 'Go on',
  ticket_not_you: 'Not you? Then close this page: nothing has changed, and please tell us.',

  dead_title: 'This link or code no longer works',
  dead_what: 'It was used already, a newer one has replaced it, or it is too old. Nothing is lost:',
  dead_waited: 'Was the page open for more than an hour? Then open the link, or fill in the code, once more.',
  dead_new: 'Request a new activation code',
  dead_sign_in: 'If your account is active, sign in',
  dead_forgotten: 'If you have forgotten your password, choose a new one',

  ended_title: 'This account has ended',
  ended_what:
    'It cannot be activated or opened any more. If that is not right, or you have enrolled again, contact the people below.',

  step_password: 'Password',
  step_factor: 'Second step',
  step_codes: 'Recovery codes',

  password_title: 'Choose your password',
  password_for: 'For {{number}}.',
  password_rules:
    'At least {{minimum}} characters. A few words that do not belong together do well; capitals, digits and signs are not needed.',
  password_not: 'Not your name, not a password that you use elsewhere.',
  password_label: 'New password',
  password_again_label: 'The same password once more',
  password_button: 'Set password',
  password_button_next: 'Go on to the second step',
  password_missing: 'Fill in a password first.',
  password_differs: 'The two passwords are not the same. Type both once more.',
  password_too_short: 'This password is too short: use at least {{minimum}} characters.',
  password_too_long: 'This password is too long: use at most 128 characters.',
  password_guessable: 'This password is too easy to guess.',
  password_blocklisted: 'This password is among the first that anybody would try. Choose another one.',
  password_good: 'This password is good.',
  password_waiting: 'You chose a password before. Another one replaces it.',
  password_another: 'Choose another password',
  strength: 'Strength',
  strength_0: 'very weak',
  strength_1: 'weak',
  strength_2: 'fair',
  strength_3: 'strong',
  strength_4: 'very strong',

  warning_straightRow: 'Rows of keys next to each other are easy to guess.',
  warning_keyPattern: 'Short patterns on the keyboard are easy to guess.',
  warning_simpleRepeat: 'Repeated characters such as “aaa” are easy to guess.',
  warning_extendedRepeat: 'Repeated patterns such as “abcabcabc” are easy to guess.',
  warning_sequences: 'Sequences such as “abc” or “6543” are easy to guess.',
  warning_recentYears: 'Recent years are easy to guess.',
  warning_dates: 'Dates are easy to guess.',
  warning_topTen: 'It is one of the ten most used passwords.',
  warning_topHundred: 'It is one of the hundred most used passwords.',
  warning_common: 'It is a much used password.',
  warning_similarToCommon: 'It looks like a much used password.',
  warning_wordByItself: 'A single word is easy to guess.',
  warning_namesByThemselves: 'Names by themselves are easy to guess.',
  warning_commonNames: 'Common names are easy to guess.',
  warning_userInputs: 'It leans on your own name, number or address, or on a word that everybody here would try.',
  warning_pwned: 'It has been found among leaked passwords.',

  suggestion_l33t: 'Replacing letters by signs (“@” for “a”) does not help.',
  suggestion_reverseWords: 'Writing a word backwards does not help.',
  suggestion_allUppercase: 'Writing everything in capitals does not help.',
  suggestion_capitalization: 'A capital at the start does not help.',
  suggestion_dates: 'Leave out dates and years that have to do with you.',
  suggestion_recentYears: 'Leave out recent years.',
  suggestion_associatedYears: 'Leave out years that have to do with you.',
  suggestion_sequences: 'Leave out sequences.',
  suggestion_repeated: 'Leave out repeated words and characters.',
  suggestion_longerKeyboardPattern: 'Use words instead of patterns on the keyboard.',
  suggestion_anotherWord: 'Add a word or two that are less common.',
  suggestion_useWords: 'Use several words, but no well-known phrase.',
  suggestion_noNeed: 'Signs, digits and capitals are not needed.',
  suggestion_pwned: 'If you use it elsewhere, change it there.',

  done_title: 'Your account is active',
  done_signed_in: 'You are signed in.',
  done_number: 'Your user number, to sign in with',
  done_login: 'The e-mail address of your institution works too.',
  done_applications: 'Where you can go now',
  done_account: 'Your account page',
  done_account_what: 'Change your password and manage your second step.',

  forgotten_title: 'Forgotten your password?',
  forgotten_lead: 'We send a link to the e-mail address on file, with which you choose a new one.',
  forgotten_label: 'User number or e-mail address',
  forgotten_hint: 'Such as r0123456, or the address that your institution gave you.',
  forgotten_missing: 'Fill in your user number or address first.',
  forgotten_button: 'Send me a link',
  forgotten_sign_in: 'Back to signing in',

  sent_title: 'Look in your mailbox',
  sent_what:
    'If what you filled in belongs to an account, an e-mail with a link is on its way to the address on file. The link works for one hour.',
  sent_where:
    'That is your personal address if your institution has one, not the mailbox that you open with this account.',
  sent_never: 'If the account was never activated, you receive an activation code instead.',
  sent_nothing:
    'Nothing after ten minutes? Look among unwanted mail, check what you filled in, or contact the people below.',
  sent_again: 'Ask again',

  reset_title: 'Choose a new password',
  reset_lead: 'This link is for {{name}}:',
  reset_next: 'After this your new password counts, and everything that was signed in elsewhere is signed out.',
  reset_next_factor: 'First we ask for your second step, then for a new password.',
  reset_not_you: 'You did not ask for it? Then close this page: your password stays as it is.',
  reset_dead_title: 'This link no longer works',
  reset_dead_what: 'It was used already, or it is more than an hour old.',
  reset_dead_new: 'Ask for a new link',
  reset_dead_sign_in: 'Sign in',

  factor_lead: 'First your second step, for {{number}}.',
  factor_lost: 'None of these at hand? Then contact the people below; they can help you in.',
  factor_too_many:
    'There were too many wrong codes, so codes are not accepted for now. Use a passkey, or try again tomorrow.',

  reset_done_title: 'Your new password is set',
  reset_done_what:
    'You are signed in here. Everything that was signed in elsewhere has been signed out, and we have sent you a note about it.',
};
