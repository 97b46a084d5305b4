/** Nederlandse zinnen van de catalogus van toepassingen, voor wie er een verbindt (catalogue/ heeft die van elk product). */
import type { Messages } from '../messages.ts';

export const catalogue: Messages['catalogue'] = {
  fault_idTokenClaims:
    'Het leest alleen het ID token en vraagt nooit userinfo, tenzij het anders is ingesteld. Heeft de registratie pedel_id_token_claims, dan staan die claims ook in het ID token.',
  fault_unencodedSecret:
    'Het stuurt id en geheim zonder de codering die RFC 6749 vraagt. Die van Pedel hebben ze niet nodig; kies geen andere.',
  fault_resourceSent: 'Het stuurt een resource die niemand registreerde. De registratie laat die negeren.',
  fault_verifiedEmailOnly:
    'Het weigert mensen zonder bevestigd e-mailadres: alumni met alleen een privéadres dat ze niet bevestigden, komen niet binnen.',
  evidence_run: 'uitgevoerd: het meldde mensen aan bij Pedel',
  'evidence_third-party': 'van derden: gelezen op een pagina van anderen',
  evidence_source: 'bron: gelezen in de eigen broncode of handleiding',
  evidence_unverified: 'niet nagegaan',
  heading_evidence: 'Bewijs',
  heading_unverified: 'Niet nagegaan',
  heading_through: 'Loopt via',
  heading_registered: 'Wordt geregistreerd',
  heading_there: 'In te vullen aan de andere kant',
  heading_notes: 'Goed om te weten',
  examples_shown: 'Voorbeelden staan in de plaats van wat je niet opgaf: {{names}}',
};
