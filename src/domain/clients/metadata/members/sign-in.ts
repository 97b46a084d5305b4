/** Members about the sign-in and its end, and what is only kept. */
import { z } from 'zod';
import { acrValues } from '../../../sign-in/acr.ts';
import {
  type ClientMember,
  https,
  LONGEST_SECONDS,
  list,
  member,
  ofText,
  ofWebAddress,
  ofYesOrNo,
  textThat,
  words,
} from './member.ts';

export const signInMembers = {
  default_max_age: member(z.int().min(0).max(LONGEST_SECONDS), words.seconds(0, LONGEST_SECONDS), {
    help: 'Age of a sign-in after which people must sign in again, if a request has no max_age.',
    example: 3600,
    otherwise: 'no limit but that of the session',
  }),
  default_acr_values: member(list(textThat((acr) => acrValues.includes(acr))), words.listOf(acrValues), {
    help: 'Strength of sign-in that is preferred if a request has no acr_values.',
    example: [...acrValues].slice(0, 1),
  }),
  initiate_login_uri: member(https, words.https, {
    help: 'Address at which a sign-in can be started (OpenID Connect Core 4). A sign-in page that is over leads there, else to `client_uri`.',
    example: 'https://library.example.edu/login',
  }),
  backchannel_logout_uri: ofWebAddress({
    help: 'Receives a logout token when a session has ended (OpenID Connect Back-Channel Logout).',
    example: 'https://library.example.edu/backchannel-logout',
  }),
  // Without sid, a logout notice that arrives days later would end new sessions.
  backchannel_logout_session_required: {
    ...ofYesOrNo({ help: 'Puts the session (sid) into logout tokens and ID tokens.' }),
    default: true,
    example: false,
  },
  software_id: ofText({ help: 'Identifies the software (RFC 7591); stored, not used.', example: 'koha' }),
  software_version: ofText({ help: 'Version of that software; stored, not used.', example: '24.05' }),
} satisfies Record<string, ClientMember>;
