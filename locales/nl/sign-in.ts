/** Dutch sentences of the sign-in pages. */
import type { Messages } from '../messages.ts';

export const signIn: Messages['signIn'] = {
  title: 'Meld je aan om door te gaan naar {{application}}',
  again_title: 'Bevestig dat jij het bent om door te gaan naar {{application}}',
  login_label: 'Gebruikersnummer of e-mailadres',
  login_hint: 'Bijvoorbeeld r0123456, of het e-mailadres van je instelling.',
  password_label: 'Wachtwoord',
  sign_in: 'Aanmelden',
  forgotten: 'Wachtwoord vergeten?',
  activate: 'Je account activeren',
  wrong:
    'Dit gebruikersnummer of e-mailadres en dit wachtwoord horen niet bij elkaar. Kijk beide na en probeer het opnieuw.',
  wrong_field: 'Weet je het niet meer? Kies dan een nieuw wachtwoord.',
  too_many:
    'Er waren te veel pogingen. Wacht 15 minuten, meld je aan met een passkey, of gebruik een browser waarin je je al eerder aangemeld hebt.',
  changed: 'Er is net iets aan je account gewijzigd. Meld je opnieuw aan.',
  other_account: 'De toepassing vraagt een ander account dan dit. Meld je daarmee aan.',

  passkey_button: 'Aanmelden met een passkey',
  passkey_cancelled: 'De passkey is niet gebruikt: de vraag is geannuleerd of duurde te lang. Probeer het opnieuw.',
  passkey_refused: 'De passkey is niet aanvaard voor dit account. Probeer het opnieuw, of gebruik een andere manier.',
  passkey_unsupported:
    'Deze browser ondersteunt geen passkeys of beveiligingssleutels. Gebruik een andere manier of een andere browser.',
  passkey_noscript:
    'Voor passkeys en beveiligingssleutels is JavaScript nodig, en dat staat uit in deze browser. Gebruik een andere manier.',

  to_go_on: 'Tweede stap voor {{person}}, om door te gaan naar {{application}}.',
  code_title: 'Vul de code uit je authenticator-app in',
  code_label: 'Code',
  code_hint: 'De 6 cijfers die je authenticator-app voor dit account toont.',
  code_wrong: 'De code klopt niet. Typ de 6 cijfers die je authenticator-app nu toont.',
  code_wrong_field: 'Klopt niet.',
  code_used: 'Deze code is al gebruikt. Wacht tot je authenticator-app een nieuwe toont en typ die.',
  code_used_field: 'Al gebruikt.',
  verify: 'Doorgaan',
  passkey_title: 'Gebruik je passkey of beveiligingssleutel',
  passkey_what: 'Je browser vraagt erom. Ontgrendel je toestel of raak de beveiligingssleutel aan.',
  passkey_use: 'Passkey of sleutel gebruiken',
  recovery_title: 'Vul een herstelcode in',
  recovery_label: 'Herstelcode',
  recovery_hint: 'Een van de 10 codes die je bewaard hebt. Elke code werkt één keer.',
  recovery_wrong: 'De herstelcode klopt niet. Typ een van je codes die je nog niet gebruikt hebt.',
  recovery_wrong_field: 'Klopt niet.',
  recovery_used: 'Deze herstelcode is al gebruikt. Typ een andere.',
  recovery_used_field: 'Al gebruikt.',
  factor_too_many:
    'Er waren te veel foute codes, dus aanvaarden we voorlopig geen codes. Gebruik een passkey, of een browser waarin je je al eerder aangemeld hebt. We hebben je hierover een e-mail gestuurd.',
  another_way: 'Een andere manier gebruiken',
  way_code: 'Een code uit je authenticator-app',
  way_passkey: 'Je passkey of beveiligingssleutel',
  way_recovery: 'Een herstelcode',
  start_over: 'Niet {{person}}? Gebruik een ander account',
  use_other_account: 'Een ander account gebruiken',

  back_to: 'Terug naar {{application}}',

  ended_title: 'Je account is beëindigd',
  ended_since: 'Je toegang eindigde op {{date}}.',
  ended_what: 'Klopt dat niet, of ben je opnieuw ingeschreven? Contacteer dan de servicedesk.',

  consent_title: 'Toegang tot je gegevens geven aan {{application}}?',
  consent_what: 'Als je toegang geeft, krijgt {{application}}:',
  consent_who: 'Je bent aangemeld als {{name}}.',
  consent_kept: 'We onthouden je antwoord.',
  consent_button: 'Toegang geven',
  consent_cancel: 'Geen toegang geven',
  consent_policy: 'Privacybeleid van {{application}}',
  consent_terms: 'Gebruiksvoorwaarden van {{application}}',
  scope_profile: 'je naam en gebruikersnummer',
  scope_email: 'je e-mailadres',
  scope_phone: 'je telefoonnummer',
  scope_address: 'je postadres',
  scope_eduperson: 'je rol aan je instelling',
  scope_offline_access: 'toegang die blijft nadat je de toepassing sluit',
  scope_resource: 'toegang tot {{resource}}: {{scopes}}',
};
