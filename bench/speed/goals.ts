/** What the ratios are meant to come to (docs/performance.md). */
import type { ActName } from './acts.ts';

/** Of processor time. */
export const goals: Partial<Record<ActName, Record<string, number>>> = {
  silent: { memory: 1.25, sqlite: 1 },
  'no-hash': { memory: 1.5, sqlite: 1.15 },
  password: { memory: 1.2 },
  refresh: { memory: 1.4, sqlite: 0.85 },
  userinfo: { memory: 1.4, sqlite: 1.05 },
  introspection: { memory: 1.4, sqlite: 1.1 },
  discovery: { memory: 0.4, http: 1.11 },
  jwks: { memory: 0.4, http: 1.11 },
};

/** Of the median time that one waits. */
export const p50Goals: Partial<Record<ActName, Record<string, number>>> = { alone: { memory: 1.25 } };
