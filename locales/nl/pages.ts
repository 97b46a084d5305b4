/** Dutch sentences that every page shares, and those of the home, sign-out and error pages. The reader is "je". */
import type { Messages } from '../messages.ts';

export const pages: Messages['pages'] = {
  language: 'Taal',
  account_page: 'je accountpagina',
  console_page: 'het beheer',
  navigation: 'Je account',
  menu: 'Menu',
  sign_out: 'Afmelden',
  step_of: 'Stap {{now}} van {{of}}',
  help: 'Hulp nodig? Contacteer de servicedesk',
  help_from: 'Hulp van {{name}}',
  show: 'Tonen',
  hide: 'Verbergen',
  field_empty: 'Nog leeg.',
  field_mismatch: 'Klopt niet.',
  field_dead: 'Werkt niet meer.',

  front_title: 'Account Manager',
  front_who: 'Eén account voor alle toepassingen van {{names}}.',
  front_account: 'Naar je accountpagina',
  front_account_what: 'Wijzig je wachtwoord, je tweede stap of je taal.',
  front_activate: 'Je account activeren',
  front_activate_what: 'Je kreeg een gebruikersnummer en hebt je nog nooit aangemeld.',
  front_forgotten: 'Wachtwoord vergeten?',
  front_forgotten_what: 'Kies een nieuw wachtwoord via een link die we je mailen.',
  and: 'en',

  api_title: 'API voor diensten',
  api_what:
    'Alles wat de console doet, voor programma’s die zelfstandig werken. Deze pagina is in het Engels, net als de API zelf.',
  api_document: 'Hetzelfde als OpenAPI-document',

  send_on_title: 'Terug naar {{application}}',
  send_on_what: 'Je bent op weg naar {{application}}. Gebeurt er niets? Kies dan Doorgaan.',
  send_on_logout: 'Je wordt afgemeld. Gebeurt er niets? Kies dan Afmelden.',
  send_on_button: 'Doorgaan',

  logout_title: 'Afmelden?',
  logout_what:
    'Je wordt hier afgemeld, en ook bij de toepassingen die je in deze browser met dit account geopend hebt.',
  logout_from: '{{name}} vraagt om je af te melden.',
  logout_button: 'Afmelden',
  logout_stay: 'Aangemeld blijven',
  logged_out_title: 'Je bent afgemeld',
  logged_out_what: 'Gebruik je een gedeelde computer? Sluit dan ook alle vensters van de browser.',
  logged_out_back: 'Terug naar {{name}}',
  logged_out_again: 'Naar je accountpagina',

  error_way_console: 'Naar het beheer',
  error_way_desk: 'Naar de servicedesk',
  error_way_on: 'Naar de Account Manager',
  error_incident: 'Contacteer je de servicedesk? Vermeld dan dit nummer:',
  error_application:
    'Ga terug naar de toepassing en probeer het opnieuw. Blijft het misgaan? Meld het dan aan de beheerder van de toepassing.',
  error_protocol_title: 'We kunnen het verzoek van de toepassing niet uitvoeren',
  error_application_unusable_title: '{{application}} kan niet meer gebruikt worden',
  error_application_expired: 'De registratie liep tot en met {{date}}. Met je account is niets mis.',
  error_application_disabled: 'Ze werd uitgezet door wie hier de aanmeldingen beheert. Met je account is niets mis.',
  error_application_unusable_ask:
    'Heb je de toepassing nog nodig? Laat het weten aan wie {{application}} beheert, of aan de servicedesk.',
  error_application_pending_title: 'Deze toepassing kan nog niet gebruikt worden',
  error_application_pending: 'Ze heeft zichzelf geregistreerd en wacht op goedkeuring. Met je account is niets mis.',
  error_application_pending_ask:
    'Kwam je hier via een link van iemand anders? Vraag het dan eerst na. Wie de toepassing beheert, herkent ze aan deze code:',
  error_signing_out: 'Je bent misschien nog aangemeld. Hier kun je je afmelden.',
  fault_invalid_client: 'De toepassing is hier niet geregistreerd.',
  fault_invalid_redirect_uri: 'De toepassing wil je naar een adres laten sturen dat niet voor haar geregistreerd is.',
  fault_invalid_request: 'In het verzoek van de toepassing ontbreekt iets, of er klopt iets niet.',
  fault_unauthorized_client: 'De toepassing mag dit niet vragen.',
  fault_invalid_request_object: 'Het ondertekende verzoek van de toepassing is niet bruikbaar.',
  fault_invalid_request_uri:
    'Het verzoek waarnaar de toepassing verwijst, is niet bruikbaar. Misschien is het verlopen.',
  fault_unsupported_response_mode: 'De toepassing vraagt een antwoord in een vorm die we niet geven.',
  error_protocol_detail: 'Details voor de beheerder van de toepassing:',
  error_protocol_client: 'Toepassing: {{application}}',
  error_missing_title: 'Deze pagina bestaat niet',
  error_missing_console: 'Misschien bevat het adres een tikfout, bestaat dit niet meer, of mag je rol het niet zien.',
  error_missing: 'Het adres is verouderd of bevat een tikfout. Kijk het na, of begin bij de Account Manager.',
  error_not_allowed_title: 'Je rol laat dit niet toe',
  error_not_allowed:
    'Je kunt dit zien, maar niet wijzigen. Vraag het aan een eigenaar van deze installatie als je dat nodig hebt.',
  error_method_title: 'Deze pagina kun je niet op die manier openen',
  error_method: 'Ga naar de Account Manager en begin daar.',
  error_cross_site_title: 'Dit formulier komt van een andere site',
  error_cross_site:
    'Om je te beschermen aanvaarden we alleen formulieren van onze eigen pagina’s. Open de pagina opnieuw en vul het formulier daar in.',
  error_malformed_title: 'We konden het formulier niet lezen',
  error_malformed:
    'Je browser stuurde iets anders dan wat dit formulier vraagt. Open de pagina opnieuw en vul het formulier nog eens in.',
  error_too_large_title: 'Het formulier is te groot',
  error_too_large:
    'Je browser stuurde meer dan er in een formulier past. Open de pagina opnieuw en vul het formulier nog eens in.',
  error_too_slow_title: 'Het formulier kwam niet op tijd aan',
  error_too_slow:
    'Je browser begon het formulier te versturen, maar na een halve minuut was de rest nog niet aangekomen. Kijk je verbinding na, open de pagina opnieuw en vul het formulier nog eens in.',
  error_too_many_title: 'Te veel pogingen',
  error_too_many: 'Wacht een tijdje en probeer het dan opnieuw.',
  error_busy_title: 'Het is nu erg druk',
  error_busy:
    'Veel mensen melden zich tegelijk aan. Wacht enkele seconden en probeer het opnieuw. Er gaat niets verloren.',
  error_away_title: 'Tijdelijk niet beschikbaar',
  error_away:
    'We kunnen even niet bij onze gegevens. Dat ligt niet aan jou, en alles wat je eerder deed, is goed bewaard.',
  error_away_asked: 'Meestal duurt dit minder dan een minuut. Wacht even en probeer het opnieuw.',
  error_away_sent:
    'Wat je net stuurde, is misschien niet aangekomen. Je kunt het opnieuw sturen: wacht even en laad deze pagina opnieuw, of vul het formulier nog eens in.',
  error_away_again: 'Opnieuw proberen',
  error_away_form: 'Terug naar het formulier',
  error_expired_title: 'Deze aanmelding is verlopen',
  error_expired:
    'Ze duurde te lang, was al afgerond of begon in een andere browser. Ga terug naar de toepassing en begin opnieuw.',
  error_no_cookies_title: 'Je browser aanvaardt geen cookies',
  error_no_cookies:
    'Zonder cookies herkennen we je niet van de ene pagina op de andere. Sta cookies toe voor deze site, of gebruik een andere browser. Ga dan terug naar de toepassing en begin opnieuw.',
  error_bug_title: 'Er ging iets mis bij ons',
  error_bug:
    'Dat ligt niet aan jou, en we hebben de fout geregistreerd. Probeer het straks opnieuw. Blijft het misgaan? Contacteer dan de servicedesk.',
  first_owner_title: 'De eerste eigenaar instellen',
  first_owner_lead:
    'Niemand beheert deze installatie al. Vanaf nu doe jij dat: zeg wie je bent, kies een wachtwoord en stel een tweede stap in.',
  given_name: 'Voornaam',
  family_name: 'Familienaam',
  first_owner_address: 'E-mailadres',
  first_owner_address_hint: 'Je meldt je ermee aan, en berichten gaan ernaartoe.',
  first_owner_button: 'Verder naar het wachtwoord',
  first_owner_other: 'Heb je hier al een account? Voer op de server uit: `pedel roles grant NUMMER owner`',
  first_owner_no_name: 'Vul je voornaam en familienaam in.',
  first_owner_no_address: 'Vul een e-mailadres in, zoals an@example.edu.',
  first_owner_taken: 'Er is al een account met dit adres. Voer op de server uit: pedel roles grant ADRES owner',
  first_owner_dead_title: 'Deze link opent niets',
  first_owner_dead: 'Hij is gebruikt of verlopen, of er is intussen een eigenaar.',
  first_owner_dead_do:
    'Is er nog geen eigenaar? Start Pedel opnieuw, of voer op de server uit: `pedel roles first-owner`',
  first_owner_sign_in: 'Aanmelden bij het beheer',
};
