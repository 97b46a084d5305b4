/** The fictive people of the demo, with dates counted from today so that the demo keeps working. */

/** The password of all people who are active from the start; they are fictive. */
export const demoPassword = 'the beadle carries a brass staff';

// biome-ignore format: one line per group of columns
const columns = [
  'person', 'number', 'other_numbers', 'given_name', 'family_name', 'email', 'personal_email', 'phone', 'language',
  'organisation', 'role', 'from', 'until', 'ended_on', 'end_reason', 'password_hash', 'birthdate', 'gender',
  'address.street_address', 'address.locality', 'address.postal_code', 'address.country', 'groups', 'entitlements', 'orcid',
] as const;
/** What libraries ask of students and staff. */
const libraries = 'urn:mace:dir:entitlement:common-lib-terms';
export type PersonRow = Partial<Record<(typeof columns)[number], string>>;
export type PersonToTry = {
  who: string;
  number: string;
  personalEmail: string;
  language: 'nl' | 'en';
  tryThis: string;
};

/** Calendar date, `days` from today. */
function day(today: Date, days: number): string {
  return new Date(today.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** `enrolledAgain`: what a later file says. */
export function people(
  today: Date,
  passwordHash: string,
): { rows: PersonRow[]; enrolledAgain: PersonRow[]; toTry: PersonToTry[] } {
  const thisYear = { from: day(today, -70), until: day(today, 290) };
  // biome-ignore format: one person, few lines
  const wout = {
    person: 'vives-1', number: 'r0011111', given_name: 'Wout', family_name: 'Claes', email: 'wout.claes@vives.be',
    personal_email: 'wout.claes@example.org', phone: '+32 470 11 11 11', language: 'nl', organisation: 'vives',
    role: 'student', ...thisYear, birthdate: '2006-03-14', gender: 'male', 'address.street_address': 'Doorniksesteenweg 145',
    'address.locality': 'Kortrijk', 'address.postal_code': '8500', 'address.country': 'België',
    groups: 'vives-nursing-2;vives-student-council', entitlements: libraries,
  };
  // biome-ignore format: one person, few lines
  const amara = {
    person: 'vives-2', number: 'r0022222', given_name: 'Amara', family_name: 'Okafor', email: 'amara.okafor@vives.be',
    personal_email: 'amara.okafor@example.org', phone: '+234 803 555 0122', language: 'en', organisation: 'vives',
    role: 'student', ...thisYear, birthdate: '2004-11-02', gender: 'female', 'address.street_address': 'Xaverianenstraat 10',
    'address.locality': 'Brugge', 'address.postal_code': '8200', 'address.country': 'Belgium',
  };
  // biome-ignore format: one person, few lines
  const lotte = {
    person: 'kuleuven-3', number: 'r0033333', given_name: 'Lotte', family_name: 'Peeters', email: 'lotte.peeters@kuleuven.be',
    personal_email: 'lotte.peeters@example.org', phone: '+32 470 33 33 33', language: 'nl', organisation: 'kuleuven',
    role: 'student', ...thisYear, birthdate: '2005-06-21', gender: 'female', 'address.street_address': 'Naamsestraat 96',
    'address.locality': 'Leuven', 'address.postal_code': '3000', 'address.country': 'België',
  };
  // biome-ignore format: one person, few lines
  const sofia = {
    person: 'alum-1', number: 'q0123456', given_name: 'Sofia', family_name: 'Marchetti',
    email: 'sofia.marchetti@alum.kuleuven.be', personal_email: 'sofia.marchetti@example.org', language: 'en',
    organisation: 'alum', role: 'alumnus', from: '2016-07-01', birthdate: '1992-09-09', gender: 'female',
    'address.street_address': 'Via Garibaldi 7', 'address.locality': 'Bologna', 'address.postal_code': '40124',
    'address.country': 'Italy',
  };
  // biome-ignore format: one person, few lines
  const jan = {
    person: 'alum-2', number: 'q0234567', given_name: 'Jan', family_name: 'Vermeulen',
    email: 'jan.vermeulen@alum.kuleuven.be', personal_email: 'jan.vermeulen@example.org', phone: '+32 475 23 45 67',
    language: 'nl', organisation: 'alum', role: 'alumnus', from: '1998-07-01', password_hash: passwordHash,
    birthdate: '1975-01-30', gender: 'male', 'address.street_address': 'Lange Leemstraat 210',
    'address.locality': 'Antwerpen', 'address.postal_code': '2018', 'address.country': 'België',
  };
  // biome-ignore format: one person, few lines
  const marc = {
    person: 'kuleuven-1', number: 'u0000001', given_name: 'Marc', family_name: 'De Wit', email: 'marc.dewit@kuleuven.be',
    personal_email: 'marc.dewit@example.org', phone: '+32 16 32 00 01', language: 'nl', organisation: 'kuleuven',
    role: 'staff', from: '2009-10-01', password_hash: passwordHash, birthdate: '1979-12-05', gender: 'male',
    'address.street_address': 'Oude Markt 13', 'address.locality': 'Leuven', 'address.postal_code': '3000',
    'address.country': 'België', groups: 'kuleuven-icts;kuleuven-teachers', entitlements: libraries,
    orcid: '0000-0002-1825-0097',
  };
  // biome-ignore format: one person, few lines
  const noor = {
    person: 'both-1', number: 'r0044444', other_numbers: 'q0345678', given_name: 'Noor', family_name: 'El Amrani',
    email: 'noor.elamrani@vives.be', personal_email: 'noor.elamrani@example.org', phone: '+32 470 44 44 44',
    language: 'nl', birthdate: '1999-04-18', gender: 'female', 'address.street_address': 'Coupure Links 12',
    'address.locality': 'Gent', 'address.postal_code': '9000', 'address.country': 'België',
  };
  // biome-ignore format: one person, few lines
  const bram = {
    person: 'vives-3', number: 'r0055555', given_name: 'Bram', family_name: 'Jacobs', email: 'bram.jacobs@vives.be',
    personal_email: 'bram.jacobs@example.org', language: 'nl', organisation: 'vives', role: 'student',
    from: day(today, -420), until: day(today, 290), ended_on: day(today, -40), end_reason: 'studies stopped',
    password_hash: passwordHash, birthdate: '2003-08-27', gender: 'male',
  };
  // biome-ignore format: one person, few lines
  const hanne = {
    person: 'vives-4', number: 'r0066666', given_name: 'Hanne', family_name: 'Goossens', email: 'hanne.goossens@vives.be',
    personal_email: 'hanne.goossens@example.org', language: 'nl', organisation: 'vives', role: 'student',
    from: day(today, -420), until: day(today, 290), ended_on: day(today, -3), end_reason: 'studies stopped',
    password_hash: passwordHash, birthdate: '2004-02-11', gender: 'female',
  };

  // not enrolled again: by the rules of the organisation her access goes on to 31 October
  // biome-ignore format: one person, few lines
  const emma = {
    person: 'kuleuven-6', number: 'r0077777', given_name: 'Emma', family_name: 'Willems', email: 'emma.willems@kuleuven.be',
    personal_email: 'emma.willems@example.org', language: 'en', organisation: 'kuleuven', role: 'student',
    from: day(today, -390), until: day(today, -25), password_hash: passwordHash, birthdate: '2005-01-19', gender: 'female',
  };

  const staff = { language: 'nl', role: 'staff', password_hash: passwordHash };
  // biome-ignore format: one person, few lines
  const els = {
    ...staff, person: 'kuleuven-4', number: 'u0000002', given_name: 'Els', family_name: 'Maes', email: 'els.maes@kuleuven.be',
    personal_email: 'els.maes@example.org', organisation: 'kuleuven', from: '2008-09-01', birthdate: '1981-05-17', gender: 'female',
  };
  // biome-ignore format: one person, few lines
  const bart = {
    ...staff, person: 'vives-5', number: 'u0000003', given_name: 'Bart', family_name: 'Smets', email: 'bart.smets@vives.be',
    personal_email: 'bart.smets@example.org', organisation: 'vives', from: '2015-02-01', birthdate: '1986-10-08', gender: 'male',
  };
  // biome-ignore format: one person, few lines
  const ilse = {
    ...staff, person: 'kuleuven-5', number: 'u0000004', given_name: 'Ilse', family_name: 'Wouters', email: 'ilse.wouters@kuleuven.be',
    personal_email: 'ilse.wouters@example.org', organisation: 'kuleuven', from: '2012-09-01', birthdate: '1977-03-22', gender: 'female',
  };
  // biome-ignore format: one person, few lines
  const tom = {
    ...staff, person: 'vives-6', number: 'u0000005', given_name: 'Tom', family_name: 'Claeys', email: 'tom.claeys@vives.be',
    personal_email: 'tom.claeys@example.org', organisation: 'vives', from: '2019-09-01', birthdate: '1990-06-30', gender: 'male',
  };

  return {
    rows: [
      els,
      bart,
      ilse,
      tom,
      wout,
      amara,
      lotte,
      sofia,
      jan,
      marc,
      // Two rows, one person: a student of VIVES who is an alumna already.
      { ...noor, organisation: 'vives', role: 'student', ...thisYear },
      { ...noor, organisation: 'alum', role: 'alumnus', from: '2021-07-01' },
      bram,
      hanne,
      emma,
    ],
    enrolledAgain: [{ ...emma, from: day(today, -5), until: day(today, 340), password_hash: '' }],
    toTry: [
      tryAs(
        els,
        'owner of the installation',
        `Open the console with the password “${demoPassword}” and the code of her authenticator app, which the mailbox shows under Codes. Register an application: New application, choose the product, type its address.`,
      ),
      tryAs(
        bart,
        'administrator of the applications of VIVES',
        `The same way: he sees and registers applications of VIVES only.`,
      ),
      tryAs(ilse, 'auditor', 'The same way: she sees everything and changes nothing.'),
      tryAs(
        tom,
        'service desk of VIVES',
        'The same way at /desk: look up r0066666, and give her a pass for a new second step.',
      ),
      tryAs(
        wout,
        'student of VIVES',
        'Open his invitation in the mailbox, choose a password and a second factor, then go to Toledo.',
      ),
      tryAs(amara, 'international student of VIVES', 'The same in English; afterwards look up her data at KU Loket.'),
      tryAs(
        lotte,
        'student of KU Leuven',
        'Open her invitation in the mailbox, then print a certificate of enrolment at KU Loket.',
      ),
      tryAs(
        sofia,
        'alumna, not a paying member',
        'Start at the alumni portal, activate the account with the code that arrives in the mailbox, switch to English.',
      ),
      tryAs(
        jan,
        'alumnus, paying member',
        `Active from the start with the password “${demoPassword}”: search other alumni and print the membership card. KU Loket is not for him, and Pedel says why.`,
      ),
      tryAs(
        marc,
        'staff of KU Leuven',
        `Active from the start with the password “${demoPassword}”: Toledo shows what he teaches. KU Loket asks him to set up a second factor first.`,
      ),
      tryAs(
        noor,
        'student of VIVES and alumna',
        'One account, two numbers: sign in with either of them once it is active.',
      ),
      tryAs(
        bram,
        'former student of VIVES',
        `Sign in with the password “${demoPassword}”: his account has ended, and the page says whom to call.`,
      ),
      tryAs(
        hanne,
        'student of VIVES who stopped',
        `Sign in to Pedel with the password “${demoPassword}” and set up a second step with the code that arrives in the mailbox: the account page says when and why her account will end.`,
      ),
      tryAs(
        emma,
        'student of KU Leuven who is not enrolled again',
        `Active from the start with the password “${demoPassword}”: her account page counts the days to 31 October. Start the demo with --clock to see that day.`,
      ),
    ],
  };
}

/** Who holds which role in Pedel itself, by number. Each signs in with an authenticator app, whose code the mailbox shows. */
export const administrators = [
  { number: 'u0000002', name: 'Els Maes', role: 'owner', organisations: 'association' },
  { number: 'u0000003', name: 'Bart Smets', role: 'client-administrator', organisations: ['vives'] },
  { number: 'u0000004', name: 'Ilse Wouters', role: 'auditor', organisations: 'association' },
  { number: 'u0000005', name: 'Tom Claeys', role: 'desk', organisations: ['vives'] },
] as const;
export type Administrator = (typeof administrators)[number] & { seed: string };

function tryAs(person: PersonRow, who: string, tryThis: string): PersonToTry {
  return {
    who: `${person.given_name} ${person.family_name}, ${who}`,
    number: person.number ?? '',
    personalEmail: person.personal_email ?? '',
    language: person.language === 'nl' ? 'nl' : 'en',
    tryThis,
  };
}

/** RFC 4180: a field is quoted where it holds a comma, a quote or a line end. */
export function csv(rows: PersonRow[]): string {
  const field = (value: string) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = rows.map((row) => columns.map((column) => field(row[column] ?? '')).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}
