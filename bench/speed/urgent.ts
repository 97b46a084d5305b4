/** Puts this process, and what it starts from now on, before all else on this machine. */
import { existsSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Linux shares the processors out among groups of processes first, so a niceness alone would count within its own. */
const GROUP = '/proc/self/autogroup';

/** @throws Error where this user may not: it takes root */
export function becomeUrgent(): void {
  setPriority(-20);
  if (existsSync(GROUP)) writeFileSync(GROUP, '-20');
}
