/** English sentences of the catalogue of applications, for those who connect one (catalogue/ holds those of each product). */
export const catalogue = {
  fault_idTokenClaims:
    'It reads people from the ID token alone and never asks userinfo, unless it is set otherwise. Where its registration has pedel_id_token_claims, those claims stand in the ID token too.',
  fault_unencodedSecret:
    'It sends id and secret without the encoding that RFC 6749 asks for. Those that Pedel makes need none; choose no others.',
  fault_resourceSent: 'It sends a resource that nobody registered. The registration has it ignored.',
  fault_verifiedEmailOnly:
    'It refuses people whose email address is not verified: alumni with only a private address that they have not confirmed do not get in.',
  evidence_run: 'run: it signed people in at Pedel',
  'evidence_third-party': 'third party: read on a page of others',
  evidence_source: 'source: read in its own source or manual',
  evidence_unverified: 'unverified',
  heading_evidence: 'Evidence',
  heading_unverified: 'Not verified',
  heading_through: 'Goes through',
  heading_registered: 'Is registered',
  heading_there: 'To type on the other side',
  heading_notes: 'To know',
  examples_shown: 'Examples stand in for what you did not give: {{names}}',
};
