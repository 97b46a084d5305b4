/** Idem, in het Nederlands. */
import type { mail as en } from '../en/mail.ts';

export const mail: Record<keyof typeof en, string> = {
  account: 'je account bij {{organisation}}',
  account_number: 'je account {{number}} bij {{organisation}}',

  greeting: 'Beste {{name}},',
  greeting_unknown: 'Goeiedag,',
  closing: 'Met vriendelijke groeten,',
  contacts: 'Een vraag, of klopt er iets niet? Hier helpen ze je graag verder:',
  automatic:
    'Deze brief is automatisch geschreven door {{issuer}}. We vragen je nooit om je wachtwoord of om een code, niet per e-mail en niet per telefoon: geef ze aan niemand.',
  your_number: 'Je gebruikersnummer',
  your_code: 'Je code',
  to_account: 'Naar mijn accountpagina',
  choose_password: 'Een nieuw wachtwoord kiezen',
  was_you: 'Was jij dit? Dan hoef je niets te doen.',
  not_you:
    'Was jij dit niet? Dan gebruikt misschien iemand anders je account. Kies meteen een nieuw wachtwoord en laat het ons weten: hieronder staat wie je kunt bellen.',

  invitation_subject: 'Activeer je account {{number}} bij {{organisation}}',
  invitation_what:
    '{{organisation}} heeft je ingeschreven en een account voor je gemaakt. Je meldt je er één keer mee aan en gaat dan verder naar alle toepassingen die er voor jou zijn.',
  invitation_do:
    'Activeer je account met de link hieronder. Daar zie je voor wie hij bedoeld is en kies je een wachtwoord. Dat duurt enkele minuten.',
  invitation_do_second_step:
    'Activeer je account met de link hieronder. Daar zie je voor wie hij bedoeld is, kies je een wachtwoord en stel je een tweede stap in, want {{organisation}} vraagt die bij elke aanmelding. Hou je telefoon of beveiligingssleutel bij de hand; het duurt enkele minuten.',
  invitation_link: 'Mijn account activeren',
  invitation_until:
    'De link werkt tot {{until}}, Belgische tijd. Hij is alleen voor jou bedoeld: stuur deze brief dus niet door.',
  invitation_again: 'Is de link verlopen? Vraag hier een nieuwe',
  invitation_why:
    'Je krijgt deze brief omdat {{organisation}} dit adres als het jouwe kent. Weet je van niets, dan mag je hem weggooien: zonder jou wordt er niets geactiveerd.',

  activation_code_subject: 'Je activeringscode voor {{number}}',
  activation_code_what:
    'Je vroeg een code om {{account}} te activeren. Vul ze in op de pagina waar je erom vroeg. Hoofdletters en streepjes maken niet uit.',
  activation_code_link_what: 'Heb je die pagina gesloten, of lees je dit op een ander toestel? Ga dan hier verder:',
  activation_code_link: 'Verder met activeren',
  activation_code_until:
    'Je kunt de code gebruiken tot {{until}}, Belgische tijd, of tot je account actief is. Daarna, of als je ze kwijt bent, vraag je op dezelfde pagina een nieuwe.',
  activation_code_why:
    'Je krijgt deze brief omdat iemand je gebruikersnummer en dit adres invulde op onze activeringspagina. Was jij dat niet, dan hoef je niets te doen: zonder deze code wordt er niets geactiveerd.',

  already_active_subject: 'Je account is al actief',
  already_active_what:
    'Iemand, waarschijnlijk jijzelf, vroeg een code om {{account}} te activeren. In deze brief staat er geen, want het account is al actief. Meld je aan met je gebruikersnummer en je wachtwoord:',
  already_active_forgotten: 'Weet je het wachtwoord niet meer? Kies dan hier een nieuw:',
  already_active_why: 'Was jij het niet die erom vroeg, dan hoef je niets te doen: er is niets veranderd.',

  reset_subject: 'Kies een nieuw wachtwoord voor {{number}}',
  reset_what:
    'Je liet weten dat je het wachtwoord van {{account}} vergeten bent. Kies met deze link een nieuw wachtwoord:',
  reset_until: 'De link werkt één keer, tot {{until}}, Belgische tijd. Stuur deze brief niet door.',
  reset_second_step:
    'Heb je een tweede stap ingesteld, dan vragen we die eerst. Daarna ben je overal afgemeld; aanmelden doe je dan met het nieuwe wachtwoord.',
  reset_why:
    'Je krijgt deze brief omdat iemand je gebruikersnummer of adres invulde op onze pagina voor vergeten wachtwoorden. Was jij dat niet, dan hoef je niets te doen: je wachtwoord blijft zoals het is.',

  factor_code_subject: 'Je code om een tweede stap in te stellen voor {{number}}',
  factor_code_what:
    'Je meldde je aan met je wachtwoord en wilt een tweede stap instellen voor {{account}}. Vul deze code in op de pagina waar je was:',
  factor_code_until: 'De code werkt één keer, tot {{until}}, Belgische tijd.',
  factor_code_why:
    'Was jij het niet die zich aanmeldde? Dan kent iemand anders je wachtwoord. Kies meteen een nieuw wachtwoord, geef deze code aan niemand en laat het ons weten: hieronder staat wie je kunt bellen.',

  password_changed_subject: 'Je wachtwoord is gewijzigd',
  password_changed_what:
    'Op {{at}} is het wachtwoord van {{account}} gewijzigd. Overal waar je voordien aangemeld was, ben je afgemeld.',

  factor_added_subject: 'Er is een tweede stap aan je account toegevoegd',
  factor_added_what:
    'Op {{at}} is een tweede stap toegevoegd aan {{account}}: “{{factor}}”. Aanmelden kan voortaan ook daarmee.',

  factor_removed_subject: 'Er is een tweede stap van je account verwijderd',
  factor_removed_what:
    'Op {{at}} is een tweede stap verwijderd van {{account}}: “{{factor}}”. Aanmelden kan daar niet meer mee.',

  recovery_codes_renewed_subject: 'Er zijn nieuwe herstelcodes voor je account gemaakt',
  recovery_codes_renewed_what:
    'Op {{at}} zijn er nieuwe herstelcodes gemaakt voor {{account}}. De vorige werken niet meer.',
  recovery_code_used_subject: 'Een van je herstelcodes is gebruikt',
  recovery_code_used_what: 'Op {{at}} is een van de herstelcodes van {{account}} gebruikt. Ze werkt geen tweede keer.',
  recovery_codes_left_one: 'Je hebt nog één herstelcode over. Maak er nieuwe op je accountpagina.',
  recovery_codes_left_other: 'Je hebt nog {{count}} herstelcodes over. Nieuwe maak je op je accountpagina.',
  recovery_codes_none:
    'Dat was de laatste. Maak er nieuwe op je accountpagina, zodat je nog binnenkomt als je telefoon of sleutel kwijt is.',

  password_known_subject: 'Iemand kent je wachtwoord',
  password_known_what:
    'Iemand vulde het juiste wachtwoord van {{account}} in en gaf daarna vele keren een verkeerde code voor de tweede stap.',
  password_known_safe:
    'Die persoon is niet binnengeraakt: daar zorgde je tweede stap voor. Om dat zo te houden, weigeren we voorlopig codes uit onbekende browsers. Je kunt je nog aanmelden met een passkey, of in een browser die je al gebruikte.',
  password_known_do:
    'Je wachtwoord is niet meer van jou alleen. Kies meteen een nieuw wachtwoord dat je nergens anders gebruikt:',
  password_known_meanwhile:
    'Was jij het zelf, met een telefoon waarvan de klok verkeerd staat of een app die opnieuw is ingesteld? Laat het ons dan weten: hieronder staat wie je kunt bellen.',

  address_changed_subject: 'Je persoonlijke e-mailadres is gewijzigd',
  address_changed_what:
    'Op {{at}} is het persoonlijke e-mailadres van {{account}} gewijzigd van {{old}} in {{fresh}}. Deze brief gaat naar beide adressen.',
  address_set_what: 'Op {{at}} werd {{fresh}} het persoonlijke e-mailadres van {{account}}.',

  address_confirm_subject: 'Bevestig je e-mailadres',
  address_confirm_what:
    'Je vulde {{to}} in als persoonlijk e-mailadres van {{account}}. Bevestig met deze link dat het van jou is:',
  address_confirm_link: 'Dit adres bevestigen',
  address_confirm_until:
    'De link werkt tot {{until}}, Belgische tijd. Zolang je niet bevestigt, blijven we het oude adres gebruiken.',
  address_confirm_why:
    'Je krijgt deze brief omdat iemand dit adres invulde op een accountpagina. Was jij dat niet, dan hoef je niets te doen: het adres wordt niet gebruikt.',

  account_ends_subject: 'Je account eindigt op {{day}}',
  account_ends_what:
    'Op {{day}}, aan het einde van de dag, Belgische tijd, eindigt {{account}}. Vanaf dan kun je je niet meer aanmelden en ben je bij elke toepassing afgemeld.',
  account_ends_planned: '{{organisation}} liet ons weten dat je inschrijving daar tot die dag loopt.',
  account_ends_official:
    '{{organisation}} liet ons weten dat je inschrijving daar op {{ended}} geëindigd is. Je account loopt nog enkele dagen door.',
  account_ends_do: 'Wil je nog iets bewaren, zoals berichten, bestanden of attesten? Doe dat dan voor het zover is.',
  account_ends_again:
    'Word je opnieuw ingeschreven? Dan hoef je niets te doen: zodra {{organisation}} het ons laat weten, loopt je account door, of wordt het weer wakker met hetzelfde nummer en wachtwoord.',
  account_ends_wrong:
    'Je krijgt deze brief omdat dit account van jou is. Klopt de dag niet? Laat het dan op tijd weten aan de mensen hieronder.',
};
