/** What an account keeps of what the service desk did, and of what waits for a second agent. Times in epoch ms. */

/** Acts after which somebody gets at an account who could not before; two of them within a day need two agents (rule 9). */
export type CredentialAct =
  | { kind: 'pass' }
  | { kind: 'resend' }
  /** `address`: the new personal address, lower-cased */
  | { kind: 'correct-address'; address: string };
export type CredentialActKind = CredentialAct['kind'];

/** An act that one agent asked for and another approves. `by`: account ids. `approvedBy`: the pass can be shown, once. */
export type DeskRequest = CredentialAct & {
  id: string;
  by: string;
  at: number;
  reason: string;
  approvedBy?: string;
};

export type DeskNote = { at: number; by: string; text: string };

export type DeskRecord = {
  /** credential acts of the last day, oldest first */
  acts: { kind: CredentialActKind; at: number }[];
  /** one of a kind at a time */
  requests: DeskRequest[];
  /** oldest first */
  notes: DeskNote[];
};

const DAY_MS = 24 * 60 * 60 * 1000;
const MOST_NOTES = 50;

/** What stands at `now`: acts and requests of more than a day ago count no more. */
export function deskRecordOf({ desk }: { desk?: DeskRecord }, now: number): DeskRecord {
  const lately = ({ at }: { at: number }) => at > now - DAY_MS;
  return {
    acts: desk?.acts.filter(lately) ?? [],
    requests: desk?.requests.filter(lately) ?? [],
    notes: desk?.notes ?? [],
  };
}

export function withAct(record: DeskRecord, kind: CredentialActKind, at: number): DeskRecord {
  return { ...record, acts: [...record.acts, { kind, at }] };
}

export function withoutRequest(record: DeskRecord, id: string): DeskRecord {
  return { ...record, requests: record.requests.filter((each) => each.id !== id) };
}

/** The oldest notes go. */
export function withNote(record: DeskRecord, note: DeskNote): DeskRecord {
  return { ...record, notes: [...record.notes, note].slice(-MOST_NOTES) };
}
