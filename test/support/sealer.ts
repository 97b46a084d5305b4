/** Sealers for tests, as `createSealer` makes them where there is no lasting key. */
import { randomBytes } from 'node:crypto';
import { createSealer, type Sealer } from '../../src/domain/sealing/sealer.ts';

/** `secret` seals; `others` open as well. */
export function sealerUnder(secret: string, ...others: string[]): Sealer {
  return createSealer({ secrets: [secret, ...others] }, randomBytes);
}
