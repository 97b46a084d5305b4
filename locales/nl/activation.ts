/** Idem, in het Nederlands. */
import type { activation as en } from '../en/activation.ts';

export const activation: Record<keyof typeof en, string> = {
  number_title: 'Activeer je account',
  number_lead: 'Voor wie een gebruikersnummer kreeg en nog niet aangemeld was.',
  number_label: 'Je gebruikersnummer',
  number_hint: 'Een letter en zeven cijfers, zoals q0123456. Het staat in de brief of e-mail die je kreeg.',
  number_missing: 'Vul eerst je gebruikersnummer in.',
  number_button: 'Verder',
  sign_in: 'Al actief? Meld je aan',

  email_title: 'Vul je e-mailadres in',
  email_what: 'We sturen een activeringscode voor {{number}} naar het e-mailadres dat je instelling van je heeft.',
  email_label: 'Je e-mailadres',
  email_hint: 'Het adres dat je aan je instelling gaf. Voor je privacy zegt deze pagina niet of het het juiste is.',
  email_missing: 'Vul je e-mailadres in, zoals naam@example.org.',
  email_missing_field: 'Dit is nog geen e-mailadres.',
  email_button: 'Vraag een activeringscode per e-mail',
  other_number: 'Een ander gebruikersnummer',

  code_title: 'Vul je activeringscode in',
  code_what:
    'Als het ingevulde adres voor {{number}} het adres is dat we kennen, is er een e-mail van de helpdesk met een code onderweg. Dat kan enkele minuten duren; kijk ook bij de ongewenste e-mail.',
  code_label: 'Activeringscode',
  code_hint: 'Acht letters en cijfers. Hoofdletters, spaties en streepjes maken niet uit. Een code werkt 48 uur.',
  code_missing: 'Vul eerst de code uit de e-mail in.',
  code_refused:
    'Deze code klopt niet of werkt niet meer. Kijk ze na in de nieuwste e-mail; na tien foute pogingen heb je een nieuwe code nodig.',
  code_refused_field: 'Niet aanvaard.',
  code_button: 'Verder',
  code_again: 'Stuur een nieuwe code',

  active_title: 'Dit account is al actief',
  active_what: 'Iemand, wellicht jijzelf, activeerde {{number}} al. Je kunt er je mee aanmelden.',
  active_sign_in: 'Aanmelden',
  active_change: 'Wijzig je wachtwoord',
  active_forgotten: 'Wachtwoord vergeten?',
  active_forgotten_what:
    'We sturen een link naar het e-mailadres dat we kennen, waarmee je een nieuw kiest. Heb je een tweede stap, dan heb je die ook nodig.',
  active_forgotten_button: 'Vraag een nieuwe activeringscode',

  unknown_title: 'We kennen dit gebruikersnummer niet',
  unknown_what: '{{number}} staat niet in onze bestanden. Kijk het na in de brief of e-mail die je kreeg.',
  unknown_tomorrow:
    'Kreeg je het vandaag, of veranderde er vandaag iets? Probeer het dan morgen opnieuw: het werkt zodra de bestanden van je instelling ingelezen zijn.',
  unknown_write: 'Klopt het nummer en kennen we het nog altijd niet? Schrijf naar:',
  unknown_again: 'Probeer een ander gebruikersnummer',

  too_many_title: 'Te veel pogingen vanaf je netwerk',
  too_many_what:
    'Er werd vanaf je netwerk meer gevraagd dan we in een uur beantwoorden, misschien niet door jou. Wacht een uur, of gebruik een ander netwerk, zoals dat van je telefoon.',
  too_many_link: 'Heb je een e-mail van ons met een link, dan blijft die werken.',

  ticket_title: 'Activeer je account',
  ticket_lead: 'Welkom, {{name}}. Deze link is alleen voor jou:',
  ticket_name: 'Naam',
  ticket_number: 'Gebruikersnummer',
  ticket_until: 'Werkt tot',
  ticket_next: 'Je kiest zo dadelijk een wachtwoord.',
  ticket_next_factor:
    'Je kiest zo dadelijk een wachtwoord en stelt een tweede stap in. Hou je telefoon of beveiligingssleutel bij de hand; het duurt zo’n vijf minuten.',
  ticket_button: 'Verder',
  ticket_not_you: 'Ben jij dat niet? Sluit dan deze pagina: er is niets veranderd. Laat het ons weten.',

  dead_title: 'Deze link of code werkt niet meer',
  dead_what: 'Ze werd al gebruikt, er kwam een nieuwere in de plaats, of ze is te oud. Er is niets verloren:',
  dead_waited: 'Stond de pagina meer dan een uur open? Open dan de link, of vul de code in, nog een keer.',
  dead_new: 'Vraag een nieuwe activeringscode',
  dead_sign_in: 'Is je account actief, meld je dan aan',
  dead_forgotten: 'Ben je je wachtwoord vergeten, kies dan een nieuw',

  ended_title: 'Dit account is beëindigd',
  ended_what:
    'Het kan niet meer geactiveerd of geopend worden. Klopt dat niet, of ben je opnieuw ingeschreven? Neem dan contact op met de mensen hieronder.',

  step_password: 'Wachtwoord',
  step_factor: 'Tweede stap',
  step_codes: 'Herstelcodes',

  password_title: 'Kies je wachtwoord',
  password_for: 'Voor {{number}}.',
  password_rules:
    'Minstens {{minimum}} tekens. Enkele woorden die niet bij elkaar horen, doen het goed; hoofdletters, cijfers en leestekens hoeven niet.',
  password_not: 'Niet je naam, en geen wachtwoord dat je elders gebruikt.',
  password_label: 'Nieuw wachtwoord',
  password_again_label: 'Nog eens hetzelfde wachtwoord',
  password_button: 'Stel het wachtwoord in',
  password_button_next: 'Verder naar de tweede stap',
  password_missing: 'Vul eerst een wachtwoord in.',
  password_differs: 'De twee wachtwoorden zijn niet hetzelfde. Typ ze allebei opnieuw.',
  password_too_short: 'Dit wachtwoord is te kort: gebruik minstens {{minimum}} tekens.',
  password_too_long: 'Dit wachtwoord is te lang: gebruik hoogstens 128 tekens.',
  password_guessable:
    'Dit wachtwoord is te makkelijk te raden. Kies een ander; enkele woorden die niet bij elkaar horen, doen het goed.',
  password_blocklisted: 'Dit wachtwoord is een van de eerste die iemand zou proberen. Kies een ander.',
  password_differs_field: 'Niet hetzelfde als hierboven.',
  password_too_short_field: 'Korter dan {{minimum}} tekens.',
  password_too_long_field: 'Langer dan 128 tekens.',
  password_guessable_field: 'Makkelijk te raden.',
  password_blocklisted_field: 'Veel te bekend.',
  password_good: 'Dit wachtwoord is goed.',
  password_waiting: 'Je koos al een wachtwoord. Een ander komt in de plaats.',
  password_another: 'Kies een ander wachtwoord',
  strength: 'Sterkte',
  strength_0: 'heel zwak',
  strength_1: 'zwak',
  strength_2: 'matig',
  strength_3: 'sterk',
  strength_4: 'heel sterk',

  warning_straightRow: 'Rijen van toetsen naast elkaar zijn makkelijk te raden.',
  warning_keyPattern: 'Korte patronen op het toetsenbord zijn makkelijk te raden.',
  warning_simpleRepeat: 'Herhaalde tekens zoals “aaa” zijn makkelijk te raden.',
  warning_extendedRepeat: 'Herhaalde patronen zoals “abcabcabc” zijn makkelijk te raden.',
  warning_sequences: 'Reeksen zoals “abc” of “6543” zijn makkelijk te raden.',
  warning_recentYears: 'Recente jaartallen zijn makkelijk te raden.',
  warning_dates: 'Datums zijn makkelijk te raden.',
  warning_topTen: 'Het is een van de tien meest gebruikte wachtwoorden.',
  warning_topHundred: 'Het is een van de honderd meest gebruikte wachtwoorden.',
  warning_common: 'Het is een veelgebruikt wachtwoord.',
  warning_similarToCommon: 'Het lijkt op een veelgebruikt wachtwoord.',
  warning_wordByItself: 'Eén woord is makkelijk te raden.',
  warning_namesByThemselves: 'Alleen namen zijn makkelijk te raden.',
  warning_commonNames: 'Veelvoorkomende namen zijn makkelijk te raden.',
  warning_userInputs: 'Het steunt op je eigen naam, nummer of adres, of op een woord dat iedereen hier zou proberen.',
  warning_pwned: 'Het is teruggevonden tussen gelekte wachtwoorden.',

  suggestion_l33t: 'Letters door tekens vervangen (“@” voor “a”) helpt niet.',
  suggestion_reverseWords: 'Een woord achterstevoren schrijven helpt niet.',
  suggestion_allUppercase: 'Alles in hoofdletters schrijven helpt niet.',
  suggestion_capitalization: 'Een hoofdletter vooraan helpt niet.',
  suggestion_dates: 'Laat datums en jaartallen weg die met jou te maken hebben.',
  suggestion_recentYears: 'Laat recente jaartallen weg.',
  suggestion_associatedYears: 'Laat jaartallen weg die met jou te maken hebben.',
  suggestion_sequences: 'Laat reeksen weg.',
  suggestion_repeated: 'Laat herhaalde woorden en tekens weg.',
  suggestion_longerKeyboardPattern: 'Gebruik woorden in plaats van patronen op het toetsenbord.',
  suggestion_anotherWord: 'Voeg een woord of twee toe die minder gewoon zijn.',
  suggestion_useWords: 'Gebruik verschillende woorden, maar geen bekende zin.',
  suggestion_noNeed: 'Leestekens, cijfers en hoofdletters hoeven niet.',
  suggestion_pwned: 'Gebruik je het elders, wijzig het dan ook daar.',

  done_title: 'Je account is actief',
  done_signed_in: 'Je bent aangemeld.',
  done_number: 'Je gebruikersnummer, om je mee aan te melden',
  done_login: 'Het e-mailadres van je instelling werkt ook.',
  done_applications: 'Waar je nu naartoe kunt',
  done_account: 'Je accountpagina',
  done_account_what: 'Wijzig je wachtwoord en beheer je tweede stap.',

  forgotten_title: 'Wachtwoord vergeten?',
  forgotten_lead: 'We sturen een link naar het e-mailadres dat we kennen, waarmee je een nieuw kiest.',
  forgotten_label: 'Gebruikersnummer of e-mailadres',
  forgotten_hint: 'Zoals r0123456, of het adres dat je van je instelling kreeg.',
  forgotten_missing: 'Vul eerst je gebruikersnummer of adres in.',
  forgotten_button: 'Stuur me een link',
  forgotten_sign_in: 'Terug naar aanmelden',

  sent_title: 'Kijk in je mailbox',
  sent_what:
    'Als wat je invulde bij een account hoort, is er een e-mail met een link onderweg naar het adres dat we kennen. De link werkt één uur.',
  sent_where:
    'Dat is je persoonlijke adres als je instelling er een heeft, niet de mailbox die je met dit account opent.',
  sent_never: 'Werd het account nooit geactiveerd, dan krijg je in de plaats een activeringscode.',
  sent_nothing:
    'Niets na tien minuten? Kijk bij de ongewenste e-mail, kijk na wat je invulde, of neem contact op met de mensen hieronder.',
  sent_again: 'Vraag het opnieuw',

  reset_title: 'Kies een nieuw wachtwoord',
  reset_lead: 'Deze link is voor {{name}}:',
  reset_next: 'Daarna geldt je nieuwe wachtwoord, en alles wat elders aangemeld was, wordt afgemeld.',
  reset_next_factor: 'Eerst vragen we je tweede stap, dan een nieuw wachtwoord.',
  reset_not_you: 'Heb je dit niet gevraagd? Sluit dan deze pagina: je wachtwoord blijft zoals het is.',
  reset_dead_title: 'Deze link werkt niet meer',
  reset_dead_what: 'Ze werd al gebruikt, of ze is ouder dan een uur.',
  reset_dead_new: 'Vraag een nieuwe link',
  reset_dead_sign_in: 'Aanmelden',

  factor_lead: 'Eerst je tweede stap, voor {{number}}.',
  factor_lost: 'Niets hiervan bij de hand? Neem dan contact op met de mensen hieronder; zij helpen je binnen.',
  factor_too_many:
    'Er waren te veel foute codes, dus codes worden voorlopig niet aanvaard. Gebruik een passkey, of probeer het morgen opnieuw.',

  reset_done_title: 'Je nieuwe wachtwoord is ingesteld',
  reset_done_what:
    'Je bent hier aangemeld. Alles wat elders aangemeld was, is afgemeld, en we hebben je er een bericht over gestuurd.',
};
