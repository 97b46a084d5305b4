/** Dutch sentences of the activation and password reset pages. */
import type { Messages } from '../messages.ts';

export const activation: Messages['activation'] = {
  number_title: 'Activeer je account',
  number_lead: 'Je kreeg een gebruikersnummer en hebt je nog nooit aangemeld.',
  number_label: 'Gebruikersnummer',
  number_hint:
    'Een letter en 7 cijfers, bijvoorbeeld q0123456. Je vindt het in de brief of e-mail die je gekregen hebt.',
  number_missing: 'Vul je gebruikersnummer in.',
  number_form:
    'Een gebruikersnummer is een letter met 7 cijfers, bijvoorbeeld q0123456. Typ het zoals het in de brief of e-mail staat.',
  number_form_field: 'Geen gebruikersnummer.',
  number_button: 'Doorgaan',
  sign_in: 'Al geactiveerd? Meld je aan',

  email_title: 'Vul je e-mailadres in',
  email_what: 'We sturen een activeringscode voor {{number}} naar het e-mailadres dat je instelling van je heeft.',
  email_label: 'E-mailadres',
  email_hint:
    'Het adres dat je aan je instelling gegeven hebt. Om je privacy te beschermen zegt deze pagina niet of het klopt.',
  email_missing: 'Vul je e-mailadres in, bijvoorbeeld naam@example.org.',
  email_missing_field: 'Geen volledig e-mailadres.',
  email_button: 'Activeringscode aanvragen',
  other_number: 'Een ander gebruikersnummer gebruiken',

  code_title: 'Vul je activeringscode in',
  code_what:
    'Als het adres dat voor {{number}} ingevuld is, het adres is dat we kennen, dan is er een e-mail met een activeringscode onderweg. Dat kan enkele minuten duren. Kijk ook in je spammap.',
  code_label: 'Activeringscode',
  code_hint: '8 letters en cijfers. Hoofdletters, spaties en streepjes maken niet uit. Een code werkt {{time}}.',
  code_missing: 'Vul de code uit de e-mail in.',
  code_refused:
    'De code klopt niet of werkt niet meer. Vergelijk ze met de nieuwste e-mail. Na 10 foute pogingen heb je een nieuwe code nodig.',
  code_refused_field: 'Niet aanvaard.',
  code_button: 'Doorgaan',
  code_again: 'Een nieuwe code sturen',

  active_title: 'Dit account is al actief',
  active_what: '{{number}} is al geactiveerd, waarschijnlijk door jou. Je kunt je ermee aanmelden.',
  active_sign_in: 'Aanmelden',
  active_change: 'Je wachtwoord wijzigen',
  active_forgotten: 'Wachtwoord vergeten?',
  active_forgotten_what:
    'We sturen een link naar het e-mailadres dat we kennen. Daarmee kies je een nieuw wachtwoord. Heb je een tweede stap, dan heb je die ook nodig.',
  active_forgotten_button: 'Stuur me een link',

  unknown_title: 'We kennen dit gebruikersnummer niet',
  unknown_what:
    '{{number}} staat niet in onze gegevens. Een gebruikersnummer is een letter met 7 cijfers, bijvoorbeeld q0123456. Vergelijk het met de brief of e-mail die je gekregen hebt.',
  unknown_tomorrow:
    'Heb je het vandaag gekregen, of is er vandaag iets gewijzigd? Probeer het morgen opnieuw: je nummer werkt zodra we de gegevens van je instelling gekregen hebben.',
  unknown_write: 'Klopt het nummer en kennen we het nog altijd niet? Schrijf naar:',
  unknown_again: 'Een ander gebruikersnummer gebruiken',

  too_many_title: 'Te veel pogingen vanaf je netwerk',
  too_many_what:
    'Vanaf je netwerk kwamen het voorbije uur meer aanvragen dan we toelaten, misschien niet van jou. Wacht een uur, of gebruik een ander netwerk, bijvoorbeeld dat van je telefoon.',
  too_many_link: 'Heb je van ons een e-mail met een link? Die link werkt nog.',

  ticket_title: 'Activeer je account',
  ticket_lead: 'Welkom, {{name}}. Deze link is alleen voor jou:',
  ticket_name: 'Naam',
  ticket_number: 'Gebruikersnummer',
  ticket_until: 'Geldig tot',
  ticket_next: 'Je kiest nu een wachtwoord.',
  ticket_next_factor:
    'Je kiest nu een wachtwoord en stelt een tweede stap in. Hou je telefoon of beveiligingssleutel bij de hand. Het duurt ongeveer 5 minuten.',
  ticket_button: 'Doorgaan',
  ticket_not_you: 'Ben jij dit niet? Sluit deze pagina: er is niets gewijzigd. Laat het de servicedesk weten.',

  dead_title: 'Deze link of code werkt niet meer',
  dead_what: 'De link of code is verlopen, al gebruikt of vervangen door een nieuwere. Er is niets verloren:',
  dead_waited: 'Stond de pagina langer dan een uur open? Open de link of vul de code nog eens in.',
  dead_new: 'Een nieuwe activeringscode aanvragen',
  dead_new_where: 'We sturen ze naar het e-mailadres dat we van je kennen.',
  dead_email: 'Vraag er een aan met je e-mailadres',
  dead_number: 'Opnieuw beginnen met je gebruikersnummer',
  dead_sign_in: 'Account al actief? Meld je aan',
  dead_forgotten: 'Wachtwoord vergeten? Kies een nieuw wachtwoord',

  ended_title: 'Dit account is beëindigd',
  ended_what:
    'Je kunt het niet meer activeren en je er niet meer mee aanmelden. Klopt dat niet, of ben je opnieuw ingeschreven? Contacteer dan de servicedesk.',

  not_yet_title: 'Dit account is nog niet open',
  not_yet_ask: 'Vanaf dan kun je het gebruiken. Heb je het vroeger nodig? Contacteer dan de servicedesk.',

  step_password: 'Wachtwoord',
  step_factor: 'Tweede stap',
  step_codes: 'Herstelcodes',

  password_title: 'Kies je wachtwoord',
  password_for: 'Voor {{number}}.',
  password_rules:
    'Minstens {{minimum}} tekens. Enkele woorden die niets met elkaar te maken hebben, vormen een goed wachtwoord; hoofdletters, cijfers en symbolen zijn niet nodig.',
  password_not: 'Gebruik niet je naam, en geen wachtwoord dat je elders gebruikt.',
  password_label: 'Nieuw wachtwoord',
  password_again_label: 'Nieuw wachtwoord herhalen',
  password_button: 'Wachtwoord bewaren',
  password_button_next: 'Doorgaan naar de tweede stap',
  password_missing: 'Vul een wachtwoord in.',
  password_differs: 'De twee wachtwoorden zijn niet hetzelfde. Typ ze allebei opnieuw.',
  password_too_short: 'Dit wachtwoord is te kort: gebruik minstens {{minimum}} tekens.',
  password_too_long: 'Dit wachtwoord is te lang: gebruik hoogstens 128 tekens.',
  password_guessable:
    'Dit wachtwoord is te gemakkelijk te raden. Kies een ander, bijvoorbeeld enkele woorden die niets met elkaar te maken hebben.',
  password_blocklisted: 'Dit is een van de eerste wachtwoorden die iemand zou proberen. Kies een ander.',
  password_differs_field: 'Niet hetzelfde als hierboven.',
  password_too_short_field: 'Korter dan {{minimum}} tekens.',
  password_too_long_field: 'Langer dan 128 tekens.',
  password_guessable_field: 'Gemakkelijk te raden.',
  password_blocklisted_field: 'Te bekend.',
  password_good: 'Dit wachtwoord is goed.',
  password_elsewhere:
    'In een andere browser, of vóór deze browser werd afgesloten, is al een wachtwoord voor dit account gekozen. Dat telt hier niet: kies opnieuw een wachtwoord. Heb je dat niet zelf gedaan, dan heeft iemand anders deze link of code ook; kies je eigen wachtwoord en laat het de servicedesk weten.',
  password_waiting: 'Je hebt al een wachtwoord gekozen. Een nieuw wachtwoord vervangt het.',
  password_too_many: 'Je hebt in korte tijd veel wachtwoorden geprobeerd. Wacht {{time}} en kies er dan een.',
  password_another: 'Een ander wachtwoord kiezen',
  strength: 'Sterkte',
  strength_0: 'heel zwak',
  strength_1: 'zwak',
  strength_2: 'matig',
  strength_3: 'sterk',
  strength_4: 'heel sterk',

  warning_straightRow: 'Toetsen die naast elkaar liggen, zijn gemakkelijk te raden.',
  warning_keyPattern: 'Korte patronen op het toetsenbord zijn gemakkelijk te raden.',
  warning_simpleRepeat: 'Herhaalde tekens zoals “aaa” zijn gemakkelijk te raden.',
  warning_extendedRepeat: 'Herhaalde patronen zoals “abcabcabc” zijn gemakkelijk te raden.',
  warning_sequences: 'Reeksen zoals “abc” of “6543” zijn gemakkelijk te raden.',
  warning_recentYears: 'Recente jaartallen zijn gemakkelijk te raden.',
  warning_dates: 'Datums zijn gemakkelijk te raden.',
  warning_topTen: 'Dit is een van de 10 meest gebruikte wachtwoorden.',
  warning_topHundred: 'Dit is een van de 100 meest gebruikte wachtwoorden.',
  warning_common: 'Veel mensen gebruiken dit wachtwoord.',
  warning_similarToCommon: 'Dit lijkt op een wachtwoord dat veel mensen gebruiken.',
  warning_wordByItself: 'Eén enkel woord is gemakkelijk te raden.',
  warning_namesByThemselves: 'Alleen een naam is gemakkelijk te raden.',
  warning_commonNames: 'Veelvoorkomende namen zijn gemakkelijk te raden.',
  warning_userInputs: 'Het steunt op je eigen naam, nummer of adres, of op een woord dat iedereen hier zou proberen.',
  warning_commonWords: 'Gewone woorden, namen en jaartallen na elkaar probeert men het eerst.',
  warning_pwned: 'Dit wachtwoord staat in lijsten van gelekte wachtwoorden.',

  suggestion_l33t: 'Letters vervangen door symbolen (“@” voor “a”) helpt niet.',
  suggestion_reverseWords: 'Een woord achterstevoren schrijven helpt niet.',
  suggestion_allUppercase: 'Alles in hoofdletters schrijven helpt niet.',
  suggestion_capitalization: 'Een hoofdletter vooraan helpt niet.',
  suggestion_dates: 'Vermijd datums en jaartallen die met jou te maken hebben.',
  suggestion_recentYears: 'Vermijd recente jaartallen.',
  suggestion_associatedYears: 'Vermijd jaartallen die met jou te maken hebben.',
  suggestion_sequences: 'Vermijd reeksen.',
  suggestion_repeated: 'Vermijd herhaalde woorden en tekens.',
  suggestion_longerKeyboardPattern: 'Gebruik woorden in plaats van patronen op het toetsenbord.',
  suggestion_anotherWord: 'Voeg een of twee minder gewone woorden toe.',
  suggestion_useWords: 'Gebruik meerdere woorden, maar geen bekende zin.',
  suggestion_noNeed: 'Symbolen, cijfers en hoofdletters zijn niet nodig.',
  suggestion_pwned: 'Gebruik je het ook elders? Wijzig het dan ook daar.',

  done_title: 'Je account is actief',
  done_signed_in: 'Je bent aangemeld.',
  done_number: 'Je gebruikersnummer',
  done_login: 'Je kunt je ook aanmelden met het e-mailadres van je instelling.',
  done_applications: 'Je toepassingen',
  done_account: 'Naar je accountpagina',
  done_account_what: 'Wijzig je wachtwoord en beheer je tweede stap.',

  forgotten_title: 'Wachtwoord vergeten?',
  forgotten_lead: 'We sturen een link naar het e-mailadres dat we kennen. Daarmee kies je een nieuw wachtwoord.',
  forgotten_label: 'Gebruikersnummer of e-mailadres',
  forgotten_hint: 'Bijvoorbeeld r0123456, of het e-mailadres van je instelling.',
  forgotten_missing: 'Vul je gebruikersnummer of e-mailadres in.',
  forgotten_button: 'Stuur me een link',
  forgotten_sign_in: 'Terug naar aanmelden',

  sent_title: 'Kijk in je mailbox',
  sent_what:
    'Als wat je ingevuld hebt bij een account hoort, dan is er een e-mail met een link onderweg naar het adres dat we kennen. De link werkt {{time}}.',
  sent_where: 'Dat is je persoonlijke adres als je instelling dat kent, niet de mailbox die je met dit account opent.',
  sent_never: 'Is het account nog nooit geactiveerd, dan krijg je een activeringscode in plaats van een link.',
  sent_nothing:
    'Niets na 10 minuten? Kijk in je spammap en kijk na wat je ingevuld hebt, of contacteer de servicedesk.',
  sent_again: 'Een nieuwe link aanvragen',

  reset_title: 'Kies een nieuw wachtwoord',
  reset_lead: 'Deze link is voor {{name}}:',
  reset_next: 'Zodra je een nieuw wachtwoord bewaard hebt, word je overal elders afgemeld.',
  reset_next_factor: 'Eerst vragen we je tweede stap, dan een nieuw wachtwoord.',
  reset_not_you: 'Heb je dit niet gevraagd? Sluit deze pagina: je wachtwoord blijft zoals het is.',
  reset_dead_title: 'Deze link werkt niet meer',
  reset_dead_what: 'Hij is al gebruikt of verlopen: een link werkt {{time}}.',
  reset_dead_new: 'Een nieuwe link aanvragen',
  reset_dead_sign_in: 'Aanmelden',

  factor_lead: 'Eerst je tweede stap, voor {{number}}.',
  factor_lost: 'Heb je niets hiervan bij de hand? Contacteer de servicedesk.',
  factor_too_many:
    'Er waren te veel foute codes, dus aanvaarden we voorlopig geen codes. Gebruik een passkey, of probeer het later opnieuw.',

  reset_done_title: 'Je nieuwe wachtwoord is bewaard',
  reset_done_what:
    'Je bent hier aangemeld. Overal elders ben je afgemeld, en we hebben je hierover een e-mail gestuurd.',
};
