/** Dutch sentences of the emails. */
import type { Messages } from '../messages.ts';

export const mail: Messages['mail'] = {
  account: 'je account bij {{organisation}}',
  account_number: 'je account {{number}} bij {{organisation}}',
  account_theirs: 'een account bij {{organisation}}',
  account_theirs_number: 'het account {{number}} bij {{organisation}}',

  greeting: 'Beste {{name}},',
  greeting_unknown: 'Hallo,',
  closing: 'Met vriendelijke groeten,',
  contacts: 'Heb je een vraag, of klopt er iets niet? Contacteer de servicedesk:',
  automatic:
    'Deze e-mail is automatisch verstuurd door {{issuer}}. We vragen je nooit om je wachtwoord of om een code, niet per e-mail en niet per telefoon: geef ze aan niemand.',
  your_number: 'Je gebruikersnummer',
  your_login: 'Je meldt je aan met',
  your_code: 'Je code',
  to_account: 'Naar mijn accountpagina',
  choose_password: 'Een nieuw wachtwoord kiezen',
  was_you: 'Was jij dit? Dan hoef je niets te doen.',
  not_you:
    'Was jij dit niet? Dan gebruikt misschien iemand anders je account. Kies meteen een nieuw wachtwoord en contacteer de servicedesk (zie hieronder).',
  not_me_do:
    'Was jij dit niet? Gebruik dan de link hieronder: we melden iedereen af, en het huidige wachtwoord werkt niet meer. Daarna kies je een nieuw wachtwoord.',
  not_me_link: 'Dit was ik niet',
  not_me_days: 'De link werkt één keer, binnen 30 dagen.',

  invitation_subject: 'Activeer je account {{number}} bij {{organisation}}',
  invitation_what:
    '{{organisation}} heeft je ingeschreven en een account voor je gemaakt. Met dat account meld je je één keer aan om al je toepassingen te gebruiken.',
  invitation_do:
    'Activeer je account met de link hieronder. Op de pagina zie je voor wie de link is en kies je een wachtwoord. Dat duurt enkele minuten.',
  invitation_do_second_step:
    'Activeer je account met de link hieronder. Op de pagina zie je voor wie de link is en kies je een wachtwoord. Daarna stel je een tweede stap in, want bij {{organisation}} is die verplicht bij elke aanmelding. Hou je telefoon of beveiligingssleutel bij de hand. Het duurt enkele minuten.',
  invitation_link: 'Mijn account activeren',
  invitation_until:
    'De link werkt tot {{until}}, Belgische tijd. Hij is alleen voor jou: stuur deze e-mail dus niet door.',
  invitation_again: 'Is de link verlopen? Vraag een nieuwe aan',
  invitation_why:
    'Je krijgt deze e-mail omdat {{organisation}} dit adres van je heeft. Weet je van niets? Dan mag je deze e-mail verwijderen: zonder jou wordt er niets geactiveerd.',

  activation_code_subject: 'Je activeringscode voor {{number}}',
  activation_code_what:
    'Je hebt een code gevraagd om {{account}} te activeren. Vul ze in op de pagina waar je ze gevraagd hebt. Hoofdletters, spaties en streepjes maken niet uit.',
  activation_code_link_what: 'Heb je die pagina gesloten, of lees je dit op een ander toestel? Ga dan hier verder:',
  activation_code_link: 'Doorgaan met activeren',
  activation_code_until:
    'De code werkt tot {{until}}, Belgische tijd, of tot je account actief is. Daarna, of als je ze kwijt bent, kun je op dezelfde pagina een nieuwe aanvragen.',
  activation_code_why:
    'Je krijgt deze e-mail omdat iemand je gebruikersnummer en dit adres ingevuld heeft op onze activeringspagina. Was jij dat niet? Dan hoef je niets te doen: zonder deze code wordt er niets geactiveerd.',

  already_active_subject: 'Je account is al actief',
  already_active_what:
    'Iemand, waarschijnlijk jij, vroeg een code om {{account}} te activeren. In deze e-mail staat geen code, want het account is al actief. Meld je aan met je gebruikersnummer en je wachtwoord:',
  already_active_forgotten: 'Ben je je wachtwoord vergeten?',
  already_active_why: 'Heb jij geen code gevraagd? Dan hoef je niets te doen: er is niets gewijzigd.',

  reset_subject: 'Kies een nieuw wachtwoord voor {{number}}',
  reset_what: 'Er is een nieuw wachtwoord gevraagd voor {{account}}. Kies het met deze link:',
  reset_until: 'De link werkt één keer, tot {{until}}, Belgische tijd. Stuur deze e-mail niet door.',
  reset_second_step:
    'Gebruik je een tweede stap om je aan te melden, dan vragen we die eerst. Zodra je het nieuwe wachtwoord bewaard hebt, ben je overal elders afgemeld.',
  reset_why:
    'Je krijgt deze e-mail omdat iemand je gebruikersnummer of adres ingevuld heeft op onze pagina voor vergeten wachtwoorden. Was jij dat niet? Dan hoef je niets te doen: je wachtwoord blijft zoals het is.',

  factor_code_subject: 'Je code om een tweede stap in te stellen voor {{number}}',
  factor_code_what:
    'Je hebt je aangemeld met je wachtwoord en wilt een tweede stap instellen voor {{account}}. Vul deze code in op de pagina waar je was:',
  factor_code_until: 'De code werkt één keer, tot {{until}}, Belgische tijd.',
  factor_code_why:
    'Was jij dat niet? Dan kent iemand anders je wachtwoord. Kies meteen een nieuw wachtwoord, geef deze code aan niemand en contacteer de servicedesk (zie hieronder).',
  factor_code_not_me:
    'Was jij dat niet? Dan kent iemand anders je wachtwoord. Geef deze code aan niemand en gebruik de link hieronder: we melden iedereen af, en het huidige wachtwoord werkt niet meer. Daarna kies je een nieuw wachtwoord.',

  password_changed_subject: 'Je wachtwoord is gewijzigd',
  password_changed_what:
    'Op {{at}} is het wachtwoord van {{account}} gewijzigd. Overal waar je voordien aangemeld was, ben je afgemeld.',

  factor_added_subject: 'Er is een tweede stap aan je account toegevoegd',
  factor_added_what:
    'Op {{at}} is een tweede stap toegevoegd aan {{account}}: “{{factor}}”. Je kunt je er nu mee aanmelden.',

  factor_removed_subject: 'Er is een tweede stap van je account verwijderd',
  factor_removed_what:
    'Op {{at}} is een tweede stap verwijderd van {{account}}: “{{factor}}”. Je kunt je er niet meer mee aanmelden.',

  owner_added_subject: '{{owner}} is nu eigenaar van het aanmeldsysteem',
  owner_added_what:
    'Op {{at}} is {{owner}} eigenaar van het aanmeldsysteem geworden. Je krijgt deze e-mail omdat jij ook eigenaar bent.',
  owner_added_can:
    'Een eigenaar mag er alles: alle toepassingen en alle personen beheren, en beslissen wie welke rol heeft.',
  owner_unexpected: 'Had je dit niet verwacht? Vraag het meteen na bij de andere eigenaars.',

  owner_removed_subject: '{{owner}} is geen eigenaar van het aanmeldsysteem meer',
  owner_removed_what:
    'Sinds {{at}} is {{owner}} geen eigenaar van het aanmeldsysteem meer. Alle eigenaars krijgen deze e-mail, {{owner}} ook.',

  recovery_codes_renewed_subject: 'Er zijn nieuwe herstelcodes voor je account gemaakt',
  recovery_codes_renewed_what:
    'Op {{at}} zijn er nieuwe herstelcodes gemaakt voor {{account}}. De vorige codes werken niet meer.',
  recovery_code_used_subject: 'Een van je herstelcodes is gebruikt',
  recovery_code_used_what: 'Op {{at}} is een van de herstelcodes van {{account}} gebruikt. Elke code werkt één keer.',
  recovery_codes_left_one: 'Je hebt nog 1 herstelcode over. Maak nieuwe op je accountpagina.',
  recovery_codes_left_other: 'Je hebt nog {{count}} herstelcodes over. Nieuwe codes maak je op je accountpagina.',
  recovery_codes_none:
    'Dat was je laatste code. Maak nieuwe op je accountpagina, zodat je je nog kunt aanmelden als je je tweede stap kwijt bent.',

  passkey_copied_subject: 'Een van je passkeys is misschien gekopieerd',
  passkey_copied_what:
    'Op {{at}} heeft iemand geprobeerd om zich aan te melden bij {{account}} met “{{factor}}”. Die telt hoe vaak hij gebruikt wordt, en deze keer liep de teller achter. Dat kan betekenen dat hij gekopieerd is. Daarom hebben we hem geweigerd.',
  passkey_copied_do: 'Verwijder hem op je accountpagina en stel een nieuwe in:',
  passkey_copied_ask:
    'Kun je je niet meer aanmelden, of heb je hem zelf gekopieerd? Contacteer de servicedesk (zie hieronder). Andere tweede stappen en herstelcodes werken nog.',

  password_guessed_subject: 'Iemand probeert je wachtwoord te raden',
  password_guessed_what:
    'Iemand heeft binnen een uur honderd keer een fout wachtwoord ingevuld voor {{account}}. Niets wijst erop dat het gevonden is.',
  password_guessed_safe:
    'Om dat te stoppen, aanvaarden we hoogstens een uur lang geen wachtwoord meer in browsers die we niet kennen, ook niet het juiste. Met een passkey, of in een browser die je al eerder gebruikt hebt, kun je je gewoon aanmelden.',
  password_guessed_do:
    'Moet je je nu ergens anders aanmelden? Kies een nieuw wachtwoord: daarmee lukt het meteen weer.',
  recovery_code_subject: 'Je code om weer binnen te raken ({{number}})',
  recovery_code_what:
    'Iemand, waarschijnlijk jij, heeft het wachtwoord van {{account}} ingevuld en gemeld dat de tweede stap kwijt is. Vul deze code in op de pagina waar je ze gevraagd hebt:',
  recovery_started_subject: 'Iemand wil je tweede stap vervangen',
  recovery_started_what:
    'Op {{at}} heeft iemand het wachtwoord van {{account}} ingevuld, en een code die we naar je gemaild hadden. Die persoon meldt dat de tweede stap kwijt is en wil een nieuwe instellen.',
  recovery_from:
    'Tot {{until}}, Belgische tijd, verandert er niets. Daarna kan die persoon een nieuwe tweede stap instellen, en dan werkt de oude niet meer.',
  recovery_not_you:
    'Was jij dit niet? Dan kent iemand anders je wachtwoord en kan die misschien ook je e-mail lezen. Stop het met de link hieronder en kies daarna een nieuw wachtwoord. Het stopt ook als je je aanmeldt met je tweede stap.',
  recovery_stop_link: 'Dit stoppen',
  recovery_was_you:
    'Was jij dit wel? Dan hoef je niets te doen. We mailen je elke dag, en nog eens zodra je verder kunt.',
  recovery_reminder_subject: 'Je tweede stap wordt vervangen, tenzij je dat stopt',
  recovery_reminder_what: 'Iemand wacht om een nieuwe tweede stap in te stellen voor {{account}}.',
  recovery_open_subject: 'Je kunt nu een nieuwe tweede stap instellen',
  recovery_open_what:
    'De wachttijd voor {{account}} is voorbij. Meld je aan met je wachtwoord en kies “Ik ben mijn tweede stap kwijt”: dan sturen we je een code.',
  recovery_open_until: 'Dat kan tot {{until}}, Belgische tijd.',
  recovery_stopped_subject: 'Je tweede stap blijft zoals hij is',
  recovery_stopped_what:
    'Op {{at}} is het vervangen van de tweede stap van {{account}} stopgezet. Er is niets veranderd.',
  recovery_stopped_second_step: 'Iemand heeft zich aangemeld met de tweede stap. Die is dus niet kwijt.',
  recovery_stopped_session: 'Iemand die aangemeld was, heeft het gestopt op de accountpagina.',
  recovery_stopped_email: 'Het is gestopt met de link in onze e-mail.',
  recovery_stopped_desk: 'De servicedesk heeft het gestopt.',
  recovery_stopped_not_used: 'In de week na de wachttijd heeft niemand een nieuwe tweede stap ingesteld.',
  recovery_stopped_otherwise: 'Intussen is er iets veranderd aan het account, zoals het wachtwoord.',
  recovery_stopped_do:
    'Had jij er niet om gevraagd? Dan kent iemand anders je wachtwoord: kies meteen een nieuw wachtwoord.',
  recovery_stopped_not_me:
    'Had jij er niet om gevraagd? Dan kent iemand anders je wachtwoord. Gebruik de link hieronder: we melden iedereen af, en het huidige wachtwoord werkt niet meer. Daarna kies je een nieuw wachtwoord.',
  recovery_stopped_lost:
    'Had je er wel om gevraagd, en ben je je tweede stap echt kwijt? Contacteer dan de servicedesk (zie hieronder).',
  new_browser_subject: 'Nieuwe aanmelding bij je account',
  new_browser_what: 'Op {{at}} heeft iemand zich aangemeld bij {{account}}, in een browser die we nog niet kenden.',
  new_browser_with: 'Browser: {{browser}}.',
  new_browser_with_in: 'Browser: {{browser}}, vanuit {{network}}.',
  new_browser_was_you: 'Was jij dit? Dan hoef je niets te doen. Zo’n e-mail krijg je één keer per browser.',
  new_browser_until: 'De link werkt één keer, tot {{until}}, Belgische tijd.',
  halfway_subject: 'Iemand kent je wachtwoord, maar maakte de aanmelding niet af',
  halfway_what:
    'Op {{at}} heeft iemand het juiste wachtwoord van {{account}} ingevuld, in een browser die we nog niet kenden, en de aanmelding niet afgemaakt. Er is dus niemand binnengeraakt.',
  halfway_was_you: 'Was jij dit? Dan hoef je niets te doen.',
  halfway_not_you:
    'Was jij dit niet? Dan kent iemand anders je wachtwoord. Gebruik de link hieronder: we melden iedereen af, en het huidige wachtwoord werkt niet meer. Daarna kies je een nieuw wachtwoord.',
  account_secured_subject: 'Je account is beveiligd: kies een nieuw wachtwoord',
  account_secured_what:
    'Op {{at}} heb je ons laten weten dat iemand anders iets gedaan heeft met {{account}}. We hebben iedereen afgemeld, en de links en codes die we eerder gestuurd hadden, werken niet meer.',
  account_secured_factors: 'We hebben de tweede stappen verwijderd die er sindsdien bijkwamen: {{factors}}.',
  account_secured_do: 'Ook je wachtwoord werkt niet meer. Kies een nieuw:',
  account_secured_check:
    'Kijk daarna op je accountpagina of je tweede stappen, je e-mailadressen en je toepassingen nog zijn zoals je ze achterliet.',
  account_secured_wrong:
    'Heb jij ons dit niet laten weten? Dan kan iemand anders je e-mail lezen, of heeft iemand een browser gebruikt waarin je aangemeld was. Contacteer de servicedesk (zie hieronder).',
  desk_disowned_subject: 'Iemand anders heeft een account gebruikt',
  desk_disowned_what:
    'Op {{at}} liet de eigenaar van {{account}} ons weten dat iemand anders er iets mee gedaan heeft.',
  desk_disowned_done:
    'Alle sessies zijn beëindigd en het wachtwoord werkt niet meer. De persoon moet een nieuw kiezen, via een link die we naar het gekende e-mailadres sturen, en met de tweede stap als die er is.',
  desk_disowned_do: 'Misschien neemt de persoon contact met jullie op. Wat er gebeurd is, staat in de auditlog.',
  password_known_subject: 'Iemand kent je wachtwoord',
  password_known_what:
    'Iemand heeft het juiste wachtwoord van {{account}} ingevuld en daarna vele keren een foute code voor de tweede stap.',
  password_known_safe:
    'Die persoon is niet binnengeraakt: je tweede stap heeft dat verhinderd. Om dat zo te houden, weigeren we voorlopig codes uit onbekende browsers. Je kunt je nog aanmelden met een passkey, of in een browser die je al gebruikt hebt.',
  password_known_do: 'Kies meteen een nieuw wachtwoord, een dat je nergens anders gebruikt:',
  password_known_not_me:
    'Gebruik de link hieronder: we melden iedereen af, en het huidige wachtwoord werkt niet meer. Daarna kies je een nieuw wachtwoord, een dat je nergens anders gebruikt.',
  password_known_meanwhile:
    'Was jij het, bijvoorbeeld omdat de klok van je telefoon verkeerd staat of omdat je de app opnieuw ingesteld hebt? Contacteer de servicedesk (zie hieronder).',

  address_refused_subject: 'Onze e-mails komen op een van je adressen niet aan',
  address_refused_what:
    'Een e-mail over {{account}} naar {{address}} is geweigerd. Misschien bestaat die mailbox niet meer of is ze vol.',
  address_refused_do:
    'Ook codes en links die daarheen gaan, bereiken je niet. Klopt het adres niet? Vraag de servicedesk (zie hieronder) om het te verbeteren.',

  address_changed_subject: 'Je persoonlijke e-mailadres is gewijzigd',
  address_changed_what:
    'Op {{at}} is het persoonlijke e-mailadres van {{account}} gewijzigd van {{old}} in {{fresh}}. We sturen deze e-mail naar beide adressen.',
  address_removed_what:
    'Op {{at}} is {{old}} verwijderd als persoonlijk e-mailadres van {{account}}. Links om een nieuw wachtwoord te kiezen, gaan nu naar het adres van je instelling.',
  address_set_what: 'Op {{at}} werd {{fresh}} het persoonlijke e-mailadres van {{account}}.',

  address_undo_what: 'Was jij dit niet? Maak het ongedaan: {{old}} wordt opnieuw je adres, en iedereen wordt afgemeld.',
  address_undo_what_none: 'Was jij dit niet? Maak het ongedaan: het adres verdwijnt, en iedereen wordt afgemeld.',
  address_undo_link: 'De wijziging ongedaan maken',
  address_undo_until: 'De link werkt één keer, tot {{until}}, Belgische tijd. Je hoeft je er niet voor aan te melden.',
  address_undone_subject: 'Een wijziging van je e-mailadres is ongedaan gemaakt',
  address_undone_what:
    'Op {{at}} is de wijziging van het persoonlijke e-mailadres van {{account}} in {{gone}} ongedaan gemaakt. Het is opnieuw {{back}}.',
  address_undone_what_none:
    'Op {{at}} is de wijziging van het persoonlijke e-mailadres van {{account}} in {{gone}} ongedaan gemaakt. Er is nu geen persoonlijk adres meer.',
  address_undone_what_back:
    'Op {{at}} is het verwijderen van het persoonlijke e-mailadres van {{account}} ongedaan gemaakt. Het is opnieuw {{back}}.',
  address_undone_out: 'Overal waar je aangemeld was, ben je afgemeld.',
  address_undone_do:
    'Heeft iemand anders het gewijzigd? Dan kent die misschien je wachtwoord. Kies meteen een nieuw wachtwoord, en contacteer de servicedesk (zie hieronder).',

  data_downloaded_subject: 'Je gegevens zijn gedownload',
  data_downloaded_what: 'Op {{at}} heeft iemand een kopie gedownload van alles wat we bewaren over {{account}}.',

  institution_address_subject: 'Je account heeft een nieuw e-mailadres van je instelling',
  institution_address_what:
    '{{organisation}} liet ons weten dat {{fresh}} voortaan een e-mailadres van {{account}} is. Je kunt je ermee aanmelden.',
  institution_address_held:
    'Tot {{day}} sturen we naar dat adres geen link of code die je account opent, tenzij je het op je accountpagina bevestigt.',
  institution_address_wrong: 'Is dat adres niet van jou? Contacteer de servicedesk vóór die dag (zie hieronder).',

  address_proposed_subject: 'Is dit je nieuwe persoonlijke e-mailadres?',
  address_proposed_what:
    '{{organisation}} liet ons weten dat {{fresh}} het persoonlijke e-mailadres van {{account}} is.',
  address_proposed_do:
    'We gebruiken het pas als je het op je accountpagina bevestigd hebt. Zolang gebruiken we het huidige adres.',
  address_proposed_wrong:
    'Is het niet van jou? Weiger het op je accountpagina, en laat het de servicedesk weten (zie hieronder).',

  activated_by_feed_subject: 'Je account is actief',
  activated_by_feed_what:
    '{{organisation}} heeft je ingeschreven, en {{account}} is nu actief. Je meldt je aan met het wachtwoord dat je daar al gebruikt.',
  activated_by_feed_wrong: 'Verwachtte je deze e-mail niet? Contacteer de servicedesk (zie hieronder).',

  address_confirm_subject: 'Bevestig je e-mailadres',
  address_confirm_what:
    'Je hebt {{to}} ingevuld als persoonlijk e-mailadres van {{account}}. Bevestig met deze link dat het van jou is:',
  address_confirm_link: 'Dit adres bevestigen',
  address_confirm_until:
    'De link werkt tot {{until}}, Belgische tijd. Zolang je het nieuwe adres niet bevestigt, gebruiken we het oude.',
  address_confirm_why:
    'Je krijgt deze e-mail omdat iemand dit adres ingevuld heeft op een accountpagina. Was jij dat niet? Dan hoef je niets te doen: het adres wordt niet gebruikt.',

  secret_ends_subject: 'Een geheim van {{application}} verloopt op {{day}}',
  secret_ends_what:
    'Een van de geheimen waarmee de toepassing {{application}} ({{client}}) mensen aanmeldt, verloopt binnenkort.',
  secret_ends_what_named:
    'Het geheim “{{name}}”, waarmee de toepassing {{application}} ({{client}}) mensen aanmeldt, verloopt binnenkort.',
  secret_ends_until:
    'Het werkt tot {{until}}, Belgische tijd. Gebruikt de toepassing het dan nog, dan kan niemand zich nog aanmelden.',
  secret_ends_used: 'Het werd laatst gebruikt op {{used}}.',
  secret_ends_unused: 'We weten van geen gebruik. Gebruikt niets het nog, dan hoef je niets te doen.',
  secret_ends_do:
    'Voeg een nieuw geheim toe, vul het in de toepassing in, en trek het oude in zodra het niet meer gebruikt wordt. Intussen werken ze allebei, en niemand wordt afgemeld.',
  secret_ends_link: 'De geheimen van deze toepassing',
  secret_ends_ask: 'Kun je die pagina niet openen? Vraag de servicedesk om een nieuw geheim (zie hieronder).',
  secret_ends_why: 'Je krijgt deze e-mail omdat je contactpersoon bent van {{application}}.',

  webhook_disabled_subject: 'Berichten aan {{address}} worden niet meer verstuurd',
  webhook_disabled_gave_up:
    'Je bent contactpersoon van de webhook op {{address}}. Die nam drie dagen lang geen bericht aan en is daarom uitgeschakeld.',
  webhook_disabled_gone:
    'Je bent contactpersoon van de webhook op {{address}}. Die antwoordde geen berichten meer te willen (410) en is daarom uitgeschakeld.',
  webhook_disabled_lost:
    'Wat er gebeurt terwijl hij uitgeschakeld is, wordt ook later niet verstuurd. Haal het zelf op zodra hij weer werkt.',
  webhook_disabled_do: 'Antwoordt hij weer? Vraag dan een beheerder om hem in te schakelen.',

  desk_pass_subject: 'De servicedesk gaf een eenmalige pas voor je account',
  desk_pass_what:
    'Op {{at}} gaf de servicedesk een eenmalige pas voor {{account}}. Met die pas en je wachtwoord kan binnen één uur een nieuwe tweede stap ingesteld worden; je oude tweede stap en herstelcodes werken dan niet meer.',
  desk_resend_subject: 'De servicedesk stuurde je activeringsmail opnieuw',
  desk_resend_what:
    'Op {{at}} stuurde de servicedesk de e-mail om {{account}} te activeren opnieuw, naar je persoonlijke adres.',
  desk_address_subject: 'De servicedesk wijzigde je persoonlijke e-mailadres',
  desk_address_what:
    'Op {{at}} wijzigde de servicedesk het persoonlijke e-mailadres van {{account}}. Links die naar het oude adres gingen, werken niet meer.',
  desk_sessions_subject: 'De servicedesk meldde je overal af',
  desk_sessions_what: 'Op {{at}} meldde de servicedesk je voor {{account}} af in alle browsers en toepassingen.',
  scim_held_subject: 'Bron {{source}} beëindigt de toegang van te veel personen',
  scim_held_what:
    'Sinds {{at}} beëindigen we de toegang van geen enkele persoon meer op vraag van bron {{source}}: binnen 24 uur mogen hoogstens {{most}} personen hun toegang verliezen.',
  scim_held_lost:
    'Er gaat niets verloren: de bron probeert het opnieuw, en al de rest van wat ze stuurt, verwerken we gewoon.',
  scim_held_do:
    'Zoek eerst uit waarom er zoveel vertrekken. Klopt het? Geef dan zoveel personen vrij als de bron zelf meldt.',
  scim_held_link: 'De bron bekijken',
  scim_held_command: 'Op de server kan het ook: {{command}}',
  desk_asked: 'Heb je dat gevraagd? Dan hoef je niets te doen.',
  desk_not_asked: 'Heb je dat niet gevraagd? Neem dan meteen contact op met de servicedesk (zie hieronder).',
  desk_not_me:
    'Heb je dat niet gevraagd? Gebruik de link hieronder: we melden iedereen af, en links en codes die onderweg zijn, werken niet meer, net als het huidige wachtwoord. Kies daarna een nieuw wachtwoord en contacteer de servicedesk (zie hieronder).',
  account_suspended_subject: 'Je account is voorlopig gesloten',
  account_suspended_ask: 'Wil je weten waarom, of hoe het weer opengaat? Contacteer de servicedesk (zie hieronder).',
  accounts_merged_subject: 'Je twee accounts zijn nu één account ({{number}})',
  accounts_merged_what:
    'Op {{at}} voegde de administratie van {{organisation}} twee accounts op jouw naam samen: {{gone}} hoort nu bij {{number}}.',
  accounts_merged_sign_in:
    'Meld je voortaan aan met {{number}}, met het wachtwoord en de tweede stap van dat account. Het wachtwoord van {{gone}} werkt niet meer, en overal waar je ermee aangemeld was, ben je afgemeld. Toepassingen waar je je met {{gone}} aanmeldde, herkennen je misschien niet meer.',
  accounts_merged_wrong:
    'Is een van deze accounts niet van jou? Neem dan contact op met de servicedesk (zie hieronder). Tot {{day}} kan het ongedaan worden gemaakt.',
  account_parted_subject: 'Er zijn gegevens uit je account gehaald',
  account_parted_what:
    'Op {{at}} haalde de administratie uit {{account}} weg wat bij een ander account hoort ({{other}}): nummers, adressen en inschrijvingen.',
  account_parted_sign_in:
    'Je eigen wachtwoord en tweede stap blijven zoals ze zijn. Je bent overal afgemeld; meld je opnieuw aan.',
  account_back_subject: 'Je hebt weer een eigen account',
  account_back_what: 'Sinds {{at}} is {{account}} weer een apart account. Het hoort niet meer bij {{other}}.',
  account_back_sign_in: 'Meld je aan zoals vroeger: met je eigen nummer, wachtwoord en tweede stap.',
  accounts_wrong: 'Ontbreekt er iets of klopt dit niet? Contacteer de servicedesk (zie hieronder).',
  account_open_again_subject: 'Je account is weer open',
  account_open_again_what: 'Sinds {{at}} is {{account}} weer open. Je kunt je aanmelden, met hetzelfde nummer.',
  account_open_again_password:
    'Je oude wachtwoord werkt niet meer, omdat iemand anders het misschien kent. Kies een nieuw:',

  account_ended_subject: 'Je account is beëindigd',
  account_ended_then: 'Je kunt je niet meer aanmelden met {{account}} en bent bij elke toepassing afgemeld.',
  account_ended_again:
    'Word je later opnieuw ingeschreven? Dan laat {{organisation}} het ons weten en gaat je account weer open, met hetzelfde nummer en wachtwoord.',
  account_ended_wrong: 'Klopt dat niet? Contacteer de servicedesk (zie hieronder).',
  account_erased_subject: 'Wat we over jou weten, wordt op {{day}} gewist',
  account_erased_what:
    'Je account is beëindigd, en de termijn waarin we het bewaren is bijna voorbij. Op {{day}} wissen we {{account}} en alles wat we over jou weten.',
  account_erased_again:
    'Word je opnieuw ingeschreven? Vraag {{organisation}} om ons dat voor die dag te laten weten, anders krijg je een nieuw account met een nieuw nummer.',
  account_erased_nothing: 'Word je niet opnieuw ingeschreven? Dan hoef je niets te doen.',
  registration_stopped_subject: 'Je inschrijving bij {{organisation}} is gewijzigd',
  registration_stopped_what:
    '{{organisation}} liet ons weten dat er iets veranderd is aan je inschrijving of aanstelling.',
  registration_stopped_wrong:
    'Klopt dat niet? Contacteer de servicedesk (zie hieronder), zodat {{organisation}} het kan rechtzetten.',

  account_ends_subject: 'Je account eindigt op {{day}}',
  account_ends_then: 'Vanaf dan kun je je niet meer aanmelden met {{account}} en ben je bij elke toepassing afgemeld.',
  account_ends_do:
    'Wil je nog iets bewaren, zoals berichten, bestanden of attesten? Doe dat dan voor het einde van die dag.',
  account_ends_again:
    'Word je opnieuw ingeschreven? Dan hoef je niets te doen: zodra {{organisation}} het ons laat weten, loopt je account door of wordt het opnieuw actief, met hetzelfde nummer en wachtwoord.',
  account_ends_wrong:
    'Je krijgt deze e-mail omdat dit account van jou is. Klopt de dag niet? Contacteer de servicedesk voor het zover is.',
};
