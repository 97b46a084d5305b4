/** The jobs of a node to which nothing outside answers but its storage. */
import type { JobDeps } from '../../../src/jobs/job-deps.ts';
import { type Jobs, startJobs } from '../../../src/jobs/start.ts';
import { sealerUnder } from '../../support/sealer.ts';

/** Starts them. `given` says what the test is about: everything is delivered, and nothing has to be ended otherwise. */
export function startIdleJobs(given: Pick<JobDeps, 'storage' | 'now' | 'log'> & Partial<JobDeps>): Jobs {
  return startJobs({
    deliverEmail: async () => ({ kind: 'delivered' }),
    deliverBackchannelLogout: async () => {},
    endSessions: async () => {},
    endExpired: async () => ({ ended: 0, failures: [] }),
    writeRefusals: async () => {},
    writeIncidents: async () => {},
    writeUses: async () => {},
    withdraw: async () => false,
    hashing: { wrap: async (hash) => hash },
    sealer: sealerUnder('a secret of more than thirty-two characters'),
    organisations: [],
    endWarningDays: [],
    invitationSeconds: 60,
    callWebhook: async () => new Response(),
    defaultLanguage: 'nl',
    keySchedule: { rotateMs: 0, publishAheadMs: 0, keepMs: 0 },
    holder: 'one',
    random: () => 0.5,
    randomBytes: (size) => new Uint8Array(size),
    ...given,
  });
}
