/** Keeps trials among the records of the protocol, whose `consume` has one winner on every database. */
import type { Trial } from '../../domain/clients/trial/trial.ts';
import type { ProtocolRecords } from '../../domain/ports/protocol-records.ts';
import type { Trials } from '../../domain/ports/trials.ts';

const MODEL = 'Trial';

/** Their `session` is no `uid` of the library's, so that no search for a session finds them. */
export function createTrials(records: Pick<ProtocolRecords, 'insert' | 'find' | 'consume' | 'put'>): Trials {
  return {
    async start(key, trial) {
      await records.insert(MODEL, key, { ...trial }, trial.expiresAt, trial.startedAt);
    },
    async find(key, now) {
      const record = await records.find(MODEL, key, now);
      if (record === undefined) return undefined;
      const { consumed, ...trial } = record as Trial & { consumed?: number; outcome?: string };
      return { ...trial, used: consumed !== undefined };
    },
    use: (key, now) => records.consume(MODEL, key, now),
    conclude: (key, trial, outcome) => records.put(MODEL, key, { ...trial, outcome }, trial.expiresAt),
  };
}
