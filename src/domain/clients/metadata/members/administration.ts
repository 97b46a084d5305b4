/** The member that says what looks after a registration beside administrators. Only operators set it. */
import { type ClientMember, operatorMember, textThat } from './member.ts';

export const administrationMembers = {
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
} satisfies Record<string, ClientMember>;
