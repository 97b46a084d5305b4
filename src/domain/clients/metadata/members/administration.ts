/** Members that say what looks after a registration beside administrators, and for which source it speaks. Only operators set them. */
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
