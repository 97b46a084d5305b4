import type { Messages } from '../messages.ts';

export const lifecycle: Messages['lifecycle'] = {
  student_run: 'Je studie aan {{organisation}} loopt tot en met {{day}}.',
  student_stop: 'Je studie aan {{organisation}} stopt op {{day}}.',
  student_stopped: 'Je studie aan {{organisation}} stopte op {{day}}.',
  staff_run: 'Je aanstelling bij {{organisation}} loopt tot en met {{day}}.',
  staff_stop: 'Je aanstelling bij {{organisation}} eindigt op {{day}}.',
  staff_stopped: 'Je aanstelling bij {{organisation}} eindigde op {{day}}.',
  other_run: 'Je inschrijving bij {{organisation}} loopt tot en met {{day}}.',
  other_stop: 'Je inschrijving bij {{organisation}} eindigt op {{day}}.',
  other_stopped: 'Je inschrijving bij {{organisation}} eindigde op {{day}}.',
  ends: 'Je account eindigt op {{day}} om middernacht.',
  ends_in_zero: 'Je account eindigt vandaag, {{day}}, om middernacht.',
  ends_in_one: 'Je account eindigt op {{day}} om middernacht, morgen dus.',
  ends_in_other: 'Je account eindigt op {{day}} om middernacht, over {{count}} dagen.',
  ended: 'Je account eindigde op {{day}} om middernacht.',
  opens: 'Je account gaat open op {{day}}.',
  opens_again: 'Het gaat weer open op {{day}}.',
  no_end: 'Je account heeft geen einddatum.',
  suspended: 'De servicedesk heeft je account gesloten.',
  suspended_until: 'De servicedesk heeft je account gesloten tot het einde van {{day}}.',
  closed: 'Je account is gesloten.',
};
