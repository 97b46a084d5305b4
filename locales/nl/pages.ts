/** Idem, in het Nederlands: wie leest, wordt met "je" aangesproken. */
import type { pages as en } from '../en/pages.ts';

export const pages: Record<keyof typeof en, string> = {
  language: 'Taal',
  navigation: 'Je account',
  signed_in_as: 'Aangemeld als',
  step_of: 'Stap {{now}} van {{of}}',
  help: 'Hulp nodig? Wie je kunt bellen',
  help_from: 'Hulp van {{name}}',
  show: 'Tonen',
  hide: 'Verbergen',
  field_empty: 'Nog leeg.',
  field_mismatch: 'Komt niet overeen.',
  field_dead: 'Werkt niet meer.',

  front_title: 'Account Manager',
  front_who: 'Eén account voor alle toepassingen van {{names}}.',
  front_account: 'Naar je accountpagina',
  front_account_what: 'Wijzig je wachtwoord, je tweede stap of je taal.',
  front_activate: 'Je account activeren',
  front_activate_what: 'Voor wie een gebruikersnummer kreeg en zich nog nooit aanmeldde.',
  front_forgotten: 'Wachtwoord vergeten?',
  front_forgotten_what: 'Kies een nieuw wachtwoord met een link die we naar je e-mailadres sturen.',
  and: 'en',

  logout_title: 'Afmelden?',
  logout_what: 'Je wordt hier afgemeld, en ook bij de toepassingen die je in deze browser met dit account opende.',
  logout_from: '{{name}} vraagt om je af te melden.',
  logout_button: 'Afmelden',
  logout_stay: 'Aangemeld blijven',
  logged_out_title: 'Je bent afgemeld',
  logged_out_what: 'Sluit op een gedeelde computer ook alle vensters van de browser.',
  logged_out_back: 'Terug naar {{name}}',
  logged_out_again: 'Naar je accountpagina',

  error_way_on: 'Naar de Account Manager',
  error_incident: 'Vraag je om hulp, vermeld dan dit nummer:',
  error_application:
    'Ga terug naar de toepassing en probeer opnieuw. Blijft het gebeuren, meld het dan aan wie de toepassing beheert.',
  error_protocol_title: 'De toepassing stuurde een vraag die niet kan worden uitgevoerd',
  error_protocol_detail: 'Voor wie de toepassing beheert:',
  error_missing_title: 'Deze pagina bestaat niet',
  error_missing: 'Het adres is misschien oud of verkeerd getypt.',
  error_method_title: 'Zo kan deze pagina niet worden gebruikt',
  error_method: 'Open ze vanuit de Account Manager.',
  error_cross_site_title: 'Dit formulier kwam van elders',
  error_cross_site:
    'Voor je veiligheid aanvaarden we alleen formulieren van onze eigen pagina’s. Open de pagina opnieuw en vul het daar in.',
  error_malformed_title: 'Dit kon niet worden gelezen',
  error_malformed:
    'Wat je browser stuurde, is niet wat het formulier vraagt. Open de pagina opnieuw en vul ze nog eens in.',
  error_too_large_title: 'Dit was te veel',
  error_too_large:
    'Wat er werd gestuurd, is groter dan om het even welk formulier van ons. Open de pagina opnieuw en vul ze nog eens in.',
  error_too_many_title: 'Te veel pogingen voorlopig',
  error_too_many: 'Wacht een kwartier en probeer dan opnieuw.',
  error_busy_title: 'Erg druk op dit moment',
  error_busy: 'Veel mensen melden zich aan. Wacht enkele seconden en probeer dan opnieuw; er gaat niets verloren.',
  error_away_title: 'Een ogenblik, alsjeblieft',
  error_away:
    'We kunnen even niet bij onze gegevens. Dat ligt niet aan jou, en wat je eerder deed, is niet verloren gegaan.',
  error_away_asked: 'Meestal duurt het minder dan een minuut. Wacht even en probeer dan opnieuw.',
  error_away_sent:
    'Wat je net stuurde, is misschien niet aangekomen en mag opnieuw worden gestuurd: wacht even en laad deze pagina opnieuw, of vul het formulier nog eens in.',
  error_away_again: 'Opnieuw proberen',
  error_away_form: 'Terug naar het formulier',
  error_expired_title: 'Deze aanmelding is niet meer bezig',
  error_expired:
    'Ze duurde langer dan een uur, was al afgerond of begon in een andere browser. Ga terug naar de toepassing en begin opnieuw.',
  error_no_cookies_title: 'Je browser bewaart hier geen cookies',
  error_no_cookies:
    'Zonder cookies weten we van de ene pagina op de andere niet of jij het nog bent. Sta cookies toe voor deze site, of gebruik een andere browser; ga dan terug naar de toepassing en begin opnieuw.',
  error_bug_title: 'Er ging bij ons iets mis',
  error_bug: 'Het ligt niet aan jou en het is geregistreerd. Probeer het zo meteen opnieuw.',
};
