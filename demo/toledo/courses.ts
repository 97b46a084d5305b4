/** The courses of this year with their students and teachers: Toledo's own data. */
import { type Standing, studies, teaches } from '../relying-party/person.ts';

export type Course = {
  code: string;
  title: string;
  teacher: string;
  institution: string;
  language: 'nl' | 'en';
  room: string;
  announcements: { title: string; text: string; daysAgo: number }[];
  documents: { name: string; kind: string }[];
  participants: number;
};

const announcement = (title: string, text: string, daysAgo: number) => ({ title, text, daysAgo });
const pdf = (name: string) => ({ name, kind: 'PDF' });
const slides = (name: string) => ({ name, kind: 'Slides' });

// biome-ignore format: a table of data
const courses: Course[] = [
  {
    code: 'V1N102', title: 'Netwerken en beveiliging', teacher: 'Ilse Maes', institution: 'vives.be', language: 'nl',
    room: 'Kortrijk, lokaal B104', participants: 64,
    announcements: [
      announcement('Labo 3 verplaatst', 'Het labo van dinsdag gaat door in lokaal B108.', 1),
      announcement('Welkom', 'Neem voor de eerste les een eigen laptop mee.', 34),
    ],
    documents: [slides('Les 1: lagen en protocollen'), slides('Les 2: adressen'), pdf('Labo 3, opgave')],
  },
  {
    code: 'V1P110', title: 'Programmeren 1', teacher: 'Tom Verhaeghe', institution: 'vives.be', language: 'nl',
    room: 'Kortrijk, lokaal A201', participants: 71,
    announcements: [announcement('Tussentijdse toets', 'De punten staan bij uw resultaten.', 3)],
    documents: [slides('Les 1: waarden en namen'), slides('Les 2: functies'), pdf('Oefeningen met oplossingen')],
  },
  {
    code: 'V1C205', title: 'Zakelijk communiceren', teacher: 'Els Dewaele', institution: 'vives.be', language: 'nl',
    room: 'Brugge, aula 2', participants: 118, announcements: [announcement('Opdracht 2', 'Indienen kan tot het einde van de maand.', 6)],
    documents: [pdf('Studiewijzer'), pdf('Voorbeeldbrieven')],
  },
  {
    code: 'V1I301', title: 'Sustainable Logistics', teacher: 'Pieter Baert', institution: 'vives.be', language: 'en',
    room: 'Bruges, room 1.12', participants: 42,
    announcements: [announcement('Port visit', 'The bus to Zeebrugge leaves at 9:15 from the main gate.', 2)],
    documents: [slides('Lecture 1: what moves, and why'), pdf('Reader'), pdf('Port visit: practical')],
  },
  {
    code: 'V1I310', title: 'Dutch for Beginners', teacher: 'Griet Lambrecht', institution: 'vives.be', language: 'en',
    room: 'Bruges, room 0.07', participants: 28, announcements: [announcement('Goeiedag!', 'Bring the work book from now on.', 5)],
    documents: [pdf('Week 1: kennismaken'), pdf('Week 2: in de winkel')],
  },
  {
    code: 'H02A5A', title: 'Gegevensstructuren en algoritmen', teacher: 'Marc De Wit', institution: 'kuleuven.be', language: 'nl',
    room: 'Leuven, auditorium 200B.00.07', participants: 236,
    announcements: [
      announcement('Oefenzitting 4', 'We maken de opgaven over gebalanceerde bomen.', 1),
      announcement('Cursustekst', 'De nieuwe versie staat bij de documenten; hoofdstuk 5 is herwerkt.', 12),
    ],
    documents: [pdf('Cursustekst'), slides('Hoorcollege 1'), slides('Hoorcollege 2'), pdf('Oefenzitting 4')],
  },
  {
    code: 'H01P3A', title: 'Besturingssystemen', teacher: 'Marc De Wit', institution: 'kuleuven.be', language: 'nl',
    room: 'Leuven, auditorium Erasmus', participants: 187,
    announcements: [announcement('Gastcollege', 'Volgende week: geheugenbeheer bij een telescoop.', 4)],
    documents: [slides('Hoorcollege 1'), pdf('Practicum 1')],
  },
  {
    code: 'G0Q57A', title: 'Wijsbegeerte', teacher: 'An Willems', institution: 'kuleuven.be', language: 'nl',
    room: 'Leuven, Kardinaal Mercierzaal', participants: 402, announcements: [], documents: [pdf('Leesteksten')],
  },
];

export type Enrolment = { role: 'student' | 'teacher' | 'none'; courses: Course[] };

/** Students follow what their institution teaches, in Dutch or (international students) in English; teachers see their own. */
export function enrolmentOf(standings: Standing[], person: { fullName: string; locale: string }): Enrolment {
  const at = (institution: string) => courses.filter((course) => institution.endsWith(course.institution));
  if (teaches(standings)) {
    const own = courses.filter((course) => course.teacher === person.fullName);
    return { role: 'teacher', courses: own.length > 0 ? own : at('kuleuven.be').slice(-1) };
  }
  const study = studies(standings);
  if (!study) return { role: 'none', courses: [] };
  const offered = at(study.institution || 'kuleuven.be');
  const language = person.locale.startsWith('en') ? 'en' : 'nl';
  const inLanguage = offered.filter((course) => course.language === language);
  return { role: 'student', courses: inLanguage.length > 0 ? inLanguage : offered };
}
