/** English sentences of signing in at a device: the code, what to compare, and how it ended. */
export const device = {
  code_title: 'Sign in on a device',
  code_lead: 'Your television, printer or terminal shows a code.',
  code_label: 'Code on the device',
  code_hint: 'Eight characters. Capitals, spaces and hyphens do not matter.',
  code_button: 'Continue',
  code_missing: 'Fill in the code that your device shows.',
  code_refused:
    'This code does not work, or no longer. Look at your device again, or have it show a new code: each works once, for ten minutes.',
  too_many: 'Too many codes that do not work were tried here. Wait {{time}}, then try again.',
  code_refused_field: 'Does not work.',

  confirm_title: 'Sign in to {{application}} on a device?',
  confirm_compare: 'Does your device show this code now?',
  confirm_warning:
    'Did somebody send you this code or a link to this page, or give it to you by telephone? Then choose Cancel. Whoever holds that device gets into your account.',
  confirm_button: 'Yes, continue',
  confirm_cancel: 'Cancel',
  who: 'Your account',
  from_agent: 'The device says it is',
  from_address: 'Network address',
  asked: 'Asked',
  asked_now: 'less than a minute ago',
  asked_since: '{{time}} ago',
  whose: 'Application',
  whose_ours: '{{application}} is one of our own.',
  whose_others: '{{application}} is run by others.',
  other_code: 'Enter another code',

  done_title: 'Go back to your device',
  done_what: 'You are signed in to {{application}} on your device.',
  done_what_any: 'You are signed in on your device.',
  done_where: 'The device goes on by itself in a few seconds. You can close this page.',
  stopped_title: 'Nothing was connected',
  stopped_what: 'The device does not get into your account. If that was not what you wanted, have it show a new code.',
};
