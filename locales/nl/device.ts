/** Dutch sentences of signing in at a device: the code, what to compare, and how it ended. */
import type { Messages } from '../messages.ts';

export const device: Messages['device'] = {
  code_title: 'Aanmelden op een toestel',
  code_lead: 'Je televisie, printer of terminal toont een code.',
  code_label: 'Code op het toestel',
  code_hint: 'Acht tekens. Hoofdletters, spaties en streepjes maken niet uit.',
  code_button: 'Doorgaan',
  code_missing: 'Vul de code in die je toestel toont.',
  code_refused:
    'Deze code werkt niet, of niet meer. Kijk nog eens op je toestel, of laat het een nieuwe code tonen: elke code werkt één keer, tien minuten lang.',
  too_many: 'Hier zijn te veel codes geprobeerd die niet werken. Wacht {{time}} en probeer opnieuw.',
  code_refused_field: 'Werkt niet.',

  confirm_title: 'Aanmelden bij {{application}} op een toestel?',
  confirm_compare: 'Toont je toestel nu deze code?',
  confirm_warning:
    'Heeft iemand je deze code of een link naar deze pagina gestuurd, of ze je aan de telefoon gegeven? Kies dan Annuleren. Wie dat toestel in handen heeft, komt in je account.',
  confirm_button: 'Ja, doorgaan',
  confirm_cancel: 'Annuleren',
  who: 'Je account',
  from_agent: 'Het toestel noemt zich',
  from_address: 'Netwerkadres',
  asked: 'Gevraagd',
  asked_now: 'minder dan een minuut geleden',
  asked_since: '{{time}} geleden',
  whose: 'Toepassing',
  whose_ours: '{{application}} is er een van ons.',
  whose_others: '{{application}} is van anderen.',
  other_code: 'Een andere code invullen',

  done_title: 'Ga terug naar je toestel',
  done_what: 'Je bent op je toestel aangemeld bij {{application}}.',
  done_what_any: 'Je bent op je toestel aangemeld.',
  done_where: 'Het toestel gaat over enkele seconden vanzelf verder. Je mag deze pagina sluiten.',
  stopped_title: 'Er is niets verbonden',
  stopped_what: 'Het toestel komt niet in je account. Was dat niet de bedoeling, laat het dan een nieuwe code tonen.',
};
