/** Idem, in het Nederlands. */
import type { mail as en } from '../en/mail.ts';

export const mail: Record<keyof typeof en, string> = {
  account: 'uw account bij {{organisation}}',
  account_number: 'uw account {{number}} bij {{organisation}}',

  greeting: 'Beste {{name}},',
  greeting_unknown: 'Goeiedag,',
  closing: 'Met vriendelijke groeten,',
  contacts: 'Een vraag, of klopt er iets niet? Hier helpt men u verder:',
  automatic:
    'Deze brief is automatisch geschreven door {{issuer}}. We vragen u nooit om uw wachtwoord of om een code, niet per e-mail en niet per telefoon: geef ze aan niemand.',
  your_number: 'Uw gebruikersnummer',
  your_code: 'Uw code',
  to_account: 'Naar mijn accountpagina',
  choose_password: 'Een nieuw wachtwoord kiezen',
  was_you: 'Was u dit zelf? Dan hoeft u niets te doen.',
  not_you:
    'Was u dit niet? Dan gebruikt misschien iemand anders uw account. Kies meteen een nieuw wachtwoord en laat het ons weten: hieronder staat wie u kunt bellen.',

  invitation_subject: 'Activeer uw account {{number}} bij {{organisation}}',
  invitation_what:
    '{{organisation}} heeft u ingeschreven en een account voor u gemaakt. Daarmee meldt u zich één keer aan en gaat u verder naar alle toepassingen die er voor u zijn.',
  invitation_do:
    'Activeer uw account met de link hieronder. U ziet er voor wie hij bedoeld is en kiest een wachtwoord. Dat duurt enkele minuten.',
  invitation_do_second_step:
    'Activeer uw account met de link hieronder. U ziet er voor wie hij bedoeld is, kiest een wachtwoord en stelt dan een tweede stap in, want {{organisation}} vraagt die telkens als u zich aanmeldt. Houd uw telefoon of beveiligingssleutel bij de hand; het duurt enkele minuten.',
  invitation_link: 'Mijn account activeren',
  invitation_until:
    'De link werkt tot {{until}}, Belgische tijd. Hij is alleen voor u bedoeld: stuur deze brief dus niet door.',
  invitation_again: 'Is hij verlopen? Vraag hier een nieuwe',
  invitation_why:
    'U krijgt deze brief omdat {{organisation}} dit adres als het uwe kent. Weet u van niets, dan mag u hem weggooien: zonder u wordt er niets geactiveerd.',

  activation_code_subject: 'Uw activeringscode voor {{number}}',
  activation_code_what:
    'U vroeg een code om {{account}} te activeren. Vul die in op de pagina waar u erom vroeg. Hoofdletters en streepjes maken niet uit.',
  activation_code_link_what: 'Hebt u die pagina gesloten, of leest u dit op een ander toestel? Ga dan hier verder:',
  activation_code_link: 'Verder met activeren',
  activation_code_until:
    'U kunt de code gebruiken tot {{until}}, Belgische tijd, of tot uw account actief is. Daarna, of als u die kwijt bent, vraagt u op dezelfde pagina een nieuwe.',
  activation_code_why:
    'U krijgt deze brief omdat iemand uw gebruikersnummer en dit adres invulde op onze activeringspagina. Was u dat niet, dan hoeft u niets te doen: zonder deze code wordt er niets geactiveerd.',

  already_active_subject: 'Uw account is al actief',
  already_active_what:
    'Iemand, waarschijnlijk uzelf, vroeg een code om {{account}} te activeren. Er staat er geen in deze brief, want het account is al actief. Meld u aan met uw gebruikersnummer en uw wachtwoord:',
  already_active_forgotten: 'Kent u het wachtwoord niet meer? Kies dan een nieuw wachtwoord.',
  already_active_why: 'Was u het niet die erom vroeg, dan hoeft u niets te doen: er is niets veranderd.',

  reset_subject: 'Kies een nieuw wachtwoord voor {{number}}',
  reset_what:
    'U liet weten dat u het wachtwoord van {{account}} vergeten bent. Kies met deze link een nieuw wachtwoord:',
  reset_until: 'De link werkt één keer, tot {{until}}, Belgische tijd. Stuur deze brief niet door.',
  reset_second_step:
    'Gebruikt u een tweede stap om u aan te melden, dan vragen we die eerst. Daarna bent u overal afgemeld en meldt u zich aan met het nieuwe wachtwoord.',
  reset_why:
    'U krijgt deze brief omdat iemand uw gebruikersnummer of adres invulde op onze pagina voor vergeten wachtwoorden. Was u dat niet, dan hoeft u niets te doen: uw wachtwoord blijft zoals het is.',

  factor_code_subject: 'Uw code om een tweede stap in te stellen voor {{number}}',
  factor_code_what:
    'U meldde zich aan met uw wachtwoord en wilt een tweede stap instellen voor {{account}}. Vul deze code in op de pagina waar u was:',
  factor_code_until: 'De code werkt één keer, tot {{until}}, Belgische tijd.',
  factor_code_why:
    'Was u het niet die zich aanmeldde? Dan kent iemand anders uw wachtwoord. Kies meteen een nieuw wachtwoord, geef deze code aan niemand en laat het ons weten: hieronder staat wie u kunt bellen.',

  password_changed_subject: 'Uw wachtwoord is gewijzigd',
  password_changed_what:
    'Op {{at}} is het wachtwoord van {{account}} gewijzigd. Overal waar u voordien aangemeld was, bent u afgemeld.',

  factor_added_subject: 'Er is een tweede stap aan uw account toegevoegd',
  factor_added_what:
    'Op {{at}} is een tweede stap toegevoegd aan {{account}}: “{{factor}}”. Daarmee kan men zich voortaan aanmelden.',

  factor_removed_subject: 'Er is een tweede stap van uw account verwijderd',
  factor_removed_what:
    'Op {{at}} is een tweede stap verwijderd van {{account}}: “{{factor}}”. Daarmee kan men zich niet meer aanmelden.',

  recovery_codes_renewed_subject: 'Er zijn nieuwe herstelcodes voor je account gemaakt',
  recovery_codes_renewed_what:
    'Op {{at}} zijn er nieuwe herstelcodes gemaakt voor {{account}}. De vorige werken niet meer.',
  recovery_code_used_subject: 'Een van uw herstelcodes is gebruikt',
  recovery_code_used_what: 'Op {{at}} is een van de herstelcodes van {{account}} gebruikt. Ze werkt geen tweede keer.',
  recovery_codes_left_one: 'U hebt nog één herstelcode over. Maak er nieuwe op uw accountpagina.',
  recovery_codes_left_other: 'U hebt nog {{count}} herstelcodes over. Nieuwe maakt u op uw accountpagina.',
  recovery_codes_none:
    'Dat was de laatste. Maak er nieuwe op uw accountpagina, zodat u zich nog kunt aanmelden als u uw tweede stap kwijtraakt.',

  password_known_subject: 'Iemand kent uw wachtwoord',
  password_known_what:
    'Iemand meldde zich met het juiste wachtwoord aan bij {{account}} en gaf daarna vele keren een verkeerde code voor de tweede stap.',
  password_known_safe:
    'Men is niet binnengeraakt: uw tweede stap hield het tegen. Om dat zo te houden, weigeren we voorlopig codes uit onbekende browsers. U kunt zich nog aanmelden met een passkey, of in een browser die u al gebruikte.',
  password_known_do:
    'Uw wachtwoord is niet meer van u alleen. Kies meteen een nieuw wachtwoord, dat u nergens anders gebruikt:',
  password_known_meanwhile:
    'Was u het zelf, met een telefoon waarvan de klok verkeerd staat of een app die opnieuw is ingesteld? Bel ons dan: hieronder staat wie.',

  address_changed_subject: 'Uw persoonlijke e-mailadres is gewijzigd',
  address_changed_what:
    'Op {{at}} is het persoonlijke e-mailadres van {{account}} gewijzigd van {{old}} in {{fresh}}. Deze brief gaat naar beide.',
  address_set_what: 'Op {{at}} werd {{fresh}} het persoonlijke e-mailadres van {{account}}.',

  address_confirm_subject: 'Bevestig uw e-mailadres',
  address_confirm_what:
    'U vulde {{to}} in als persoonlijk e-mailadres van {{account}}. Bevestig met deze link dat het van u is:',
  address_confirm_link: 'Dit adres bevestigen',
  address_confirm_until: 'De link werkt tot {{until}}, Belgische tijd. Zolang u niet bevestigt, gebruiken we het oude.',
  address_confirm_why:
    'U krijgt deze brief omdat iemand dit adres invulde op zijn accountpagina. Was u dat niet, dan hoeft u niets te doen: het adres wordt niet gebruikt.',
};
