/** The port for imports: each is planned, kept for 30 days, and applied at most once. */

/** Why an import does not go on by itself: what one organisation of the source would lose. */
export type Alarm = {
  organisation: string;
  /** open accounts that would lose access, and how many may without a question */
  losses?: { lose: number; allowed: number };
  /** people of whom the full feed speaks, and of whom the one before spoke */
  shrank?: { people: number; before: number };
};

export type ImportCounts = {
  rows: number;
  new: number;
  changed: number;
  ends: number;
  reopens: number;
  unchanged: number;
  refused: number;
  /** present where something would have been taken away, but for lines that do not say of whom they are */
  suspended?: { lines: number[]; people: number };
  /** open accounts that lose access by this import */
  losses: number;
  /** people of whom the file has a password hash that was not asked for; absent: none */
  hashesLeft?: number;
  /** rows whose password hash was not taken, for whichever reason; absent: none */
  hashesRefused?: number;
};

/** An import as it stands. `id`: a UUID. Times in epoch ms. */
export type ImportRecord = {
  id: string;
  source: string;
  /** who planned it: an account id, a client id or the user of a command */
  by: string;
  plannedAt: number;
  counts: ImportCounts;
  alarms: Alarm[];
  /** whether the file names everybody */
  full: boolean;
  /** how the refused records are written */
  kind: 'csv' | 'jsonl' | 'ldif';
  /** people of whom the file speaks, by organisation */
  people: Record<string, number>;
  /** the import of this source that was the last when this one was planned; absent: there was none */
  follows?: string;
  /** the number of parts of each kind; `records`: absent of a plan that kept none */
  parts: Record<Exclude<PartKind, 'records'>, number> & { records?: number };
  appliedAt?: number;
  /** people whom the plan took and the application refused, because their account changed in between */
  refusedLater?: number;
};

/**
 * `people`: what is to be applied. `records`: of the same people, as the file had them. `report`: what becomes of everybody.
 * `refused`: rows to mend.
 */
export type PartKind = 'people' | 'records' | 'report' | 'refused';

/**
 * What a process does with an import, or did last: planning leaves a record only where it succeeds. Times in epoch ms.
 * `seenAt`: its last sign of life; without `ended`, a process that gave none for `RUN_SILENT_MS` was killed with its node.
 */
export type ImportRun = {
  id: string;
  source: string;
  act: 'plan' | 'apply';
  /** as in ImportRecord */
  by: string;
  startedAt: number;
  seenAt: number;
  /** rows read, rows compared with what is stored, people applied */
  stage?: 'reading' | 'importing' | 'applying';
  done: number;
  total?: number;
  ended?: true;
  /** why nothing, or not all, came of it */
  fault?: string;
};

/** A process writes a sign of life far more often. */
export const RUN_SILENT_MS = 30_000;

/** How far an application got. `done`: parts applied. `waiting` and `refused`: JSON, sealed by the store. */
export type ImportProgress = { done: number; waiting: string; refused: string };

/** The import of a source that was applied last: what the next one is compared with. */
export type LatestImport = {
  id: string;
  at: number;
  people: Record<string, number>;
  refused: number;
  suspended: number;
};

/** Everything personal is sealed. What is older than 30 days is not found. */
export type Imports = {
  put(record: ImportRecord): Promise<void>;
  find(id: string): Promise<ImportRecord | undefined>;
  /** the newest first; without `record`: planning is under way, or came to nothing */
  list(limit: number): Promise<{ record?: ImportRecord; run?: ImportRun }[]>;
  putRun(run: ImportRun): Promise<void>;
  run(id: string): Promise<ImportRun | undefined>;
  /** `text` of any length; a part that is there is overwritten */
  putPart(id: string, kind: PartKind, number: number, text: string): Promise<void>;
  part(id: string, kind: PartKind, number: number): Promise<string | undefined>;
  dropParts(id: string, kind: PartKind, count: number): Promise<void>;
  putProgress(id: string, progress: ImportProgress): Promise<void>;
  progress(id: string): Promise<ImportProgress | undefined>;
  latest(source: string): Promise<LatestImport | undefined>;
  /** Compare-and-set: false where the last one of the source is not `follows` (undefined: none). */
  begin(source: string, latest: LatestImport, follows: string | undefined): Promise<boolean>;
};

/** How long an import is kept. */
export const IMPORT_KEPT_MS = 30 * 86_400_000;
