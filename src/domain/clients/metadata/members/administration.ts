/** Members for who administers a registration: notes, what looks after it beside them, for which source it speaks. Only operators set them. */
import { type ClientMember, operatorMember, text, textThat } from './member.ts';

/** Several lines; nothing that turns a line, and nothing that is a secret by its looks. */
const notes = text.superRefine((value, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (/pedel_[a-z]{2,4}_[\w-]{20}|-----BEGIN [A-Z ]*PRIVATE KEY/.test(value))
    refuse('remove the secret: whoever sees this application reads its notes, and they stay in its history');
  else if (!value.isWellFormed() || /[^\P{Cc}\n\t]|\p{Bidi_Control}/u.test(value))
    refuse('remove the characters that cannot be seen');
});

export const administrationMembers = {
  pedel_notes: operatorMember(notes, 'a text of at most 2000 characters', {
    help: 'Notes for who administers it: what was agreed, whom to call. No secrets: they are in its history, the API and files.',
    example: 'Agreed with the library on 3 March; the supplier answers on working days.',
  }),
  pedel_managed_by: operatorMember(
    textThat((name) => /^[A-Za-z0-9][A-Za-z0-9._/:@-]{0,99}$/.test(name)),
    'a name of at most 100 letters, digits and . _ / : @ -, such as "campus/clients.json"',
    {
      help:
        'What looks after this registration: a file that is applied, or a program. The console shows it to who is about to ' +
        'change it there.',
      example: 'campus/clients.json',
      otherwise: 'nobody but administrators',
    },
  ),
  pedel_source: operatorMember(
    textThat((name) => /^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)),
    'the id of a source of the configuration, such as "sap"',
    {
      help:
        'The source of people for which this service speaks over SCIM: what it says of people counts as said by that source, ' +
        'and it sees nothing of others.',
      example: 'sap',
      otherwise: 'none: it may not use SCIM',
    },
  ),
} satisfies Record<string, ClientMember>;
