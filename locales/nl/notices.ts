/** Dutch words of the console for what a node tells of itself, by the sentence of `/readyz`. See ../notices.ts. */
import type { Sentences } from '../sentences.ts';

const notices: Sentences = [
  [
    '{} of the secrets of applications expire within 30 days: see the log, and pedel clients secret list',
    'Geheimen die binnen 30 dagen verlopen: {}. “Te doen” zegt van welke toepassingen.',
  ],
  [
    '{} of the applications expire within 30 days: see pedel clients list',
    'Toepassingen die binnen 30 dagen verlopen: {}. “Te doen” zegt welke.',
  ],
  [
    '{} of the applications wait for approval: see pedel clients list',
    'Toepassingen die op goedkeuring wachten: {}. Ze staan bij “Registratie”.',
  ],
  [
    "the clock of this node is {} s ahead of the database's: it ends, deletes and delivers nothing",
    'De klok van deze server loopt {} s voor op die van de databank: hij beëindigt, wist en verstuurt niets.',
  ],
  [
    'the clock of this node is {} s behind, or was set back',
    'De klok van deze server loopt {} s achter, of is teruggezet.',
  ],
  [
    'the clock of this node is {} s after the newest write: it ends and deletes nothing for a day, in case the clock is wrong',
    'De klok van deze server staat {} s na het laatste wat er bewaard is: een dag lang beëindigt en wist hij niets, voor het geval ze fout loopt.',
  ],
  [
    'the rules of access were changed, and hold only for people of whom a feed says something new: pedel lifecycle recompute --dry-run says what would change, and without --dry-run applies them',
    'De toegangsregels zijn gewijzigd, en gelden nog maar voor personen van wie een bron iets nieuws zegt: pedel lifecycle recompute past ze toe; met --dry-run zegt die opdracht eerst wat er verandert.',
  ],
];
export default notices;
