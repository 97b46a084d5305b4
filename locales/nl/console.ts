/** Dutch sentences of the console, for people with a role. */
export const console = {
  name: 'Beheer',
  crumbs: 'Je bent hier',
  room_attention: 'Te doen',
  attention_title: 'Te doen',
  attention_lead: 'Alles wat op iemand wacht. Staat hier niets, dan wacht er niets.',
  attention_none: 'Niets wacht op jou',
  attention_none_what: 'Geweigerde aanvragen, geheimen die verlopen en mislukte leveringen zouden hier staan.',
  no_role_title: 'Deze pagina is voor beheerders',
  no_role_what: 'Je bent aangemeld als {{name}}, en deze account heeft hier geen rol.',
  no_role_ask:
    'Heb je er een nodig? Vraag het aan een eigenaar van deze installatie. Heb je een andere account met een rol? Meld je dan eerst af.',
  no_role_other: 'Afmelden',
  confirm_what: 'Jij bent het. Wat je invulde is bewaard; er is nog niets gebeurd.',
  confirm_too_much:
    'Jij bent het. Het formulier was te lang om te bewaren terwijl je je aanmeldde, dus er is niets gebeurd: vul het nog eens in. De komende vijf minuten wordt het je niet opnieuw gevraagd.',
  confirm_not_title: 'Er is niets gebeurd',
  confirm_not: '“{{act}}” vraagt een aanmelding van de laatste vijf minuten. Wat je invulde is nog bewaard.',
  confirm_again: 'Opnieuw aanmelden',
  confirm_back: 'Terug naar het formulier',
  confirm_leave: 'Niet doen',
};
