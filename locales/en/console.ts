/** English sentences of the console, for people with a role. */
export const console = {
  name: 'Console',
  crumbs: 'You are here',
  room_attention: 'Needs attention',
  attention_title: 'Needs attention',
  attention_lead: 'Everything that waits for a person. When this is empty, nothing does.',
  attention_none: 'Nothing needs you',
  attention_none_what: 'Refused requests, expiring secrets and failed deliveries would stand here.',
  no_role_title: 'This page is for administrators',
  no_role_what: 'You are signed in as {{name}}, and this account has no role here.',
  no_role_ask:
    'Do you need one? Ask an owner of this installation. Do you have another account with a role? Sign out first.',
  no_role_other: 'Sign out',
  confirm_what: 'It is you. What you typed has been kept; nothing has been done yet.',
  confirm_too_much:
    'It is you. The form was too long to keep while you signed in, so nothing has been done: fill it in once more. You are not asked again for five minutes.',
  confirm_not_title: 'Nothing has been done',
  confirm_not: '“{{act}}” needs a sign-in of the last five minutes. What you typed is still kept.',
  confirm_again: 'Sign in again',
  confirm_back: 'Back to the form',
  confirm_leave: 'Do not do it',
};
