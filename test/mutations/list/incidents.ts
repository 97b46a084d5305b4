/** Incident numbers: what is kept of them, how much, and who is told (rules 24, 30). */
import type { Mutation } from '../mutation.ts';

const tests = ['test/use-cases/incidents.test.ts'];
const notes = 'src/use-cases/incidents/note-incidents.ts';
const find = 'src/use-cases/incidents/find-incident.ts';

export const incidents: Mutation[] = [
  {
    id: 'incident-keeps-any-path',
    rule: 24,
    tests,
    file: 'src/domain/incidents/incident.ts',
    search: '...(isPattern ? { page } : {}),',
    replace: '...(page === undefined ? {} : { page }),',
    why: 'a mailed link with its ticket is stored as the page of an incident',
  },
  {
    id: 'incidents-of-network-unbounded',
    rule: 30,
    tests,
    file: notes,
    search: 'most: MOST_OF_NETWORK * 2 ** place',
    replace: 'most: Number.MAX_SAFE_INTEGER',
    why: 'one network fills what all strangers together may store',
  },
  {
    id: 'incidents-of-strangers-unbounded',
    rule: 30,
    tests,
    file: notes,
    search: "{ key: 'strangers', windowEndsAt, most: MOST_OF_STRANGERS }, ",
    replace: '',
    why: 'a botnet fills the disk by asking for error pages',
  },
  {
    id: 'incidents-of-person-unbounded',
    rule: 30,
    tests,
    file: notes,
    search: 'most: MOST_OF_PERSON }',
    replace: 'most: Number.MAX_SAFE_INTEGER }',
    why: 'one person who is signed in fills the disk',
  },
  {
    id: 'incident-of-any-person',
    rule: 24,
    tests,
    file: find,
    search: '(person) => person === undefined || isOfDesk(actor, person, grants)',
    replace: '() => true',
    why: 'an agent learns of people of other organisations, and of colleagues with a role',
  },
  {
    id: 'incident-numbers-uncounted',
    rule: 24,
    tests,
    file: find,
    search: "  if (!taken.allowed) return { kind: 'limited' };\n",
    replace: '',
    why: 'an agent goes through numbers until one stands for somebody',
  },
  {
    id: 'incident-of-erased',
    rule: 24,
    tests,
    file: find,
    search: 'incident === undefined || hidden || !sees(person)',
    replace: 'incident === undefined || !sees(person)',
    why: 'what somebody did who was erased is told as nobody’s',
  },
];
