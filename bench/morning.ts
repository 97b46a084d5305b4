/**
 * Reckons, and measures nothing: a Monday morning for three sizes, from measured.json. `node bench/morning.ts
 * [NAME=NUMBER …]`, where a name is one of the assumptions below.
 */
import { readFileSync } from 'node:fs';

type Act = Record<
  | 'reads'
  | 'writes'
  | 'idleWrites'
  | 'sentBytes'
  | 'receivedBytes'
  | 'storedBytes'
  | 'indexEntries'
  | 'commits'
  | 'pages',
  number
> & { asked: Record<string, number> };
type Kind = { largestBytes: number; indexEntries: number };
type Measured = Record<'SQLite' | 'MongoDB', { acts: Record<string, Act>; kinds: Record<string, Kind> }>;

const measured: Measured = JSON.parse(readFileSync(new URL('measured.json', import.meta.url), 'utf8'));

const assumptions = {
  /** of all people, those who sign in between 8 and 10 */
  share: 0.4,
  /** the busiest minute against the mean of the two hours */
  peak: 3,
  newBrowserShare: 0.1,
  /** of each who signs in: further applications opened, and applications opened again in the same session */
  furtherApplications: 2,
  openedAgain: 2,
  /** of the exchanged codes, those followed by a userinfo request */
  userinfoShare: 0.5,
  wrongPasswords: 0.15,
  pagesLeft: 0.3,
  signOuts: 0.1,
  /** of those who signed in, those with an application that refreshes, and is introspected, all day */
  refreshingShare: 0.2,
  refreshEverySeconds: 600,
  signInsAYear: 250,
  /** milliseconds of a core, from speed.ts; those not measured there are taken from the likest act */
  hashMs: 15,
  signInMs: 19,
  silentMs: 3,
  exchangeMs: 4,
  userinfoMs: 2,
  /** how busy a node's main process may be */
  nodeBusy: 0.5,
  poolSize: 50,
  /** around each write: an entry's head in the oplog, the record of its session in config.transactions */
  journalBytesPerWrite: 400,
  journalBytesPerIndexEntry: 80,
  diskBytesPerIndexEntry: 60,
};
for (const word of process.argv.slice(2)) {
  const [name = '', number] = word.split('=');
  if (!(name in assumptions) || !Number.isFinite(Number(number))) throw new TypeError(`${word} is no assumption`);
  assumptions[name as keyof typeof assumptions] = Number(number);
}
const a = assumptions;
const sizes = [100_000, 1_000_000, 10_000_000];

/** How often each action happens per person who signs in during those two hours. */
const exchanges = 1 + a.furtherApplications + a.openedAgain;
const perSignIn: Record<string, number> = {
  'sign-in, password and TOTP, to a first application; new browser': a.newBrowserShare,
  'sign-in, the same, in a browser that is known': 1 - a.newBrowserShare,
  'silent sign-on to a second application': a.furtherApplications,
  'silent sign-on to an application of this session, once more': a.openedAgain,
  'code exchange': exchanges,
  userinfo: exchanges * a.userinfoShare,
  'sign-in page opened and left': a.pagesLeft,
  'wrong password, once more': a.wrongPasswords,
  'sign-out, two applications to be told': a.signOuts,
  'two applications told': a.signOuts,
};
const perRefresh: Record<string, number> = {
  'refresh, application with a secret (its refresh token stays)': 1,
  introspection: 1,
};

const columns = sizes.map(morning);
console.log(table('', sizes.map(people), columns));
console.log(`\n${table('commands a second, peak', sizes.map(people), sizes.map(byCollection))}`);
console.log(`\n${table('stored at the end of the morning, GB with indexes', sizes.map(people), sizes.map(stored))}`);

function rates(size: number): { signIns: number; refreshes: number } {
  const active = size * a.share;
  return { signIns: (active / 7200) * a.peak, refreshes: (active * a.refreshingShare) / a.refreshEverySeconds };
}

function atPeak(size: number, cost: (act: Act) => number, database: keyof Measured = 'MongoDB'): number {
  const { signIns, refreshes } = rates(size);
  const of = (name: string) => cost(actOf(name, database));
  return signIns * sum(perSignIn, of) + refreshes * sum(perRefresh, of);
}

function morning(size: number): Record<string, string> {
  const { signIns, refreshes } = rates(size);
  const total = (cost: (act: Act) => number) => atPeak(size, cost);
  const writes = total(({ writes, idleWrites }) => writes - idleWrites);
  const journal =
    2 * total(({ storedBytes }) => storedBytes) +
    a.journalBytesPerWrite * writes +
    a.journalBytesPerIndexEntry * total(({ indexEntries }) => indexEntries);
  const hashing = (signIns * (1 + a.wrongPasswords) * a.hashMs) / 1000;
  const main =
    (signIns *
      (a.signInMs * (1 + a.pagesLeft / 4 + a.wrongPasswords / 4 + a.signOuts) +
        a.silentMs * (a.furtherApplications + a.openedAgain) +
        exchanges * (a.exchangeMs + a.userinfoShare * a.userinfoMs)) +
      refreshes * (a.exchangeMs + a.userinfoMs)) /
    1000;
  const nodes = Math.max(2, Math.ceil(main / a.nodeBusy) + 1);
  return {
    'sign-ins a second, mean of two hours': number(signIns / a.peak),
    'sign-ins a second, busiest minute': number(signIns),
    'refreshes a second': number(refreshes),
    'database commands a second, peak': number(total(({ reads, writes }) => reads + writes)),
    'of them reads': number(total(({ reads }) => reads)),
    'of them writes that change something': number(writes),
    'to and from the database, MB/s': number(
      total(({ sentBytes, receivedBytes }) => sentBytes + receivedBytes) / 1e6,
      1,
    ),
    'documents and changes stored, MB/s': number(total(({ storedBytes }) => storedBytes) / 1e6, 1),
    'journal of each member before compression, MB/s': number(journal / 1e6, 1),
    'cores that hash': number(hashing, 1),
    'cores of main processes': number(main, 1),
    'nodes, one of them spare': number(nodes),
    'connections to the primary at most': number(nodes * (a.poolSize + 2)),
    'on SQLite: commits a second, before grouping': number(atPeak(size, ({ commits }) => commits, 'SQLite')),
    'on SQLite: log written, MB/s': number((atPeak(size, ({ pages }) => pages, 'SQLite') * 4120) / 1e6, 1),
    'records to expire later, made a second': number(expiring(signIns, refreshes)),
  };
}

/** Records that expire: neither deleted by an action nor kept for good. */
function expiring(signIns: number, refreshes: number): number {
  const counters = 3 + a.newBrowserShare;
  const ofSignIn = counters + 1 + (1 + a.furtherApplications) + 2 * exchanges + a.pagesLeft;
  return signIns * ofSignIn + refreshes;
}

/** `findAndModify attempts` and the like, reads and writes apart. */
function byCollection(size: number): Record<string, string> {
  const collections = new Set(
    Object.values(measured.MongoDB.acts).flatMap(({ asked }) =>
      Object.keys(asked).map((name) => name.split(' ')[1] ?? ''),
    ),
  );
  const counts = [...collections].map((collection) => {
    const asked = (isRead: boolean) =>
      atPeak(size, (act) =>
        Object.entries(act.asked)
          .filter(([name]) => name.endsWith(` ${collection}`) && name.startsWith('find ') === isRead)
          .reduce((all, [, times]) => all + times, 0),
      );
    return { collection, reads: asked(true), writes: asked(false) };
  });
  return Object.fromEntries(
    counts
      .filter(({ reads, writes }) => reads + writes > 0)
      .sort((one, other) => other.reads + other.writes - one.reads - one.writes)
      .map(({ collection, reads, writes }) => [collection, `${number(reads)} + ${number(writes)}`]),
  );
}

function stored(size: number): Record<string, string> {
  const active = size * a.share;
  const day = (size * a.share * a.refreshingShare) / a.refreshEverySeconds;
  const documents: [string, string, number][] = [
    ['accounts, all', 'accounts', size],
    ['sessions of that morning', 'sessions', active],
    ['grants of that morning (live 7 days)', 'protocolRecords Grant', active * (1 + a.furtherApplications)],
    ['access tokens alive (10 min)', 'protocolRecords AccessToken', ((active / 7200) * a.peak * exchanges + day) * 600],
    ['refresh tokens (30 days)', 'protocolRecords RefreshToken', active * a.refreshingShare],
    ['counters alive (up to a day)', 'attempts', active * 2],
    ['audit log, each year', 'auditLog sign-in', active * a.signInsAYear],
  ];
  return Object.fromEntries(
    documents.map(([name, kind, count]) => {
      const { largestBytes, indexEntries } = kindOf(kind);
      return [name, number((count * (largestBytes + indexEntries * a.diskBytesPerIndexEntry)) / 1e9, 2)];
    }),
  );
}

function sum(often: Record<string, number>, cost: (name: string) => number): number {
  return Object.entries(often).reduce((all, [name, times]) => all + times * cost(name), 0);
}

function actOf(name: string, database: keyof Measured): Act {
  const act = measured[database].acts[name];
  if (act === undefined) throw new TypeError(`${name} was not measured: node bench/measure.ts MONGODB-URI --keep`);
  return act;
}

function kindOf(name: string): Kind {
  const kind = measured.MongoDB.kinds[name];
  if (kind === undefined) throw new TypeError(`no ${name} was measured: node bench/measure.ts MONGODB-URI --keep`);
  return kind;
}

function table(name: string, heads: string[], rows: Record<string, string>[]): string {
  const lines = Object.keys(rows[0] ?? {}).map(
    (label) => `| ${[label, ...rows.map((row) => row[label])].join(' | ')} |`,
  );
  return [`| ${[name, ...heads].join(' | ')} |`, `| ---${' | --:'.repeat(heads.length)} |`, ...lines].join('\n');
}

function people(size: number): string {
  return `${size.toLocaleString('en')} people`;
}

function number(value: number, digits = 0): string {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
