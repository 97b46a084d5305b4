/** What is asked of a process that imports, and what it tells: planning and applying are no work for a node that serves people (rule 33). */
import type { Readable } from 'node:stream';
import type { Source } from '../../domain/feed/source.ts';
import type { AuditEntry } from '../../domain/ports/audit-log.ts';

/** `id`: of the import; `by`, `actor`: whoever asked for it. */
export type ImportTask = { id: string; source: Source; by: string; actor: AuditEntry['actor'] } & (
  | { act: 'plan'; withCredentials: boolean; multipart?: string }
  | { act: 'apply'; allowLosses?: number }
);

/** `unreadable`: nothing was planned, and why. */
export type RunOutcome =
  | { kind: 'planned' | 'applied' | 'superseded' | 'losses' }
  | { kind: 'unreadable'; reason: string }
  | { kind: 'failed'; reason: string };

export type ImportProcess = {
  /** resolves once the whole file was read, or once it is known that nothing will come of it */
  read: Promise<{ kind: 'read' } | Extract<RunOutcome, { reason: string }>>;
  /** never rejects */
  ended: Promise<RunOutcome>;
};

export type Importing = {
  /** `input`: the file to plan. Undefined: as many run on this node as may. */
  start(task: ImportTask, input?: Readable): ImportProcess | undefined;
  /** Ends what runs: an application stops between two people and can go on, a plan is lost. */
  close(): Promise<void>;
};
