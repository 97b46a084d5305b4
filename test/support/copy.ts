/** A copy of the checkout, for tests that change sources. */
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Large, and changed by no test. */
const linked = ['node_modules', '.venv-mongodb', '.memory-mongodb'];

export type Copy = { folder: string; remove(): void };

/** The checkout as it is now, without its history. `remove` when it is no longer used. */
export function copyOfCheckout(): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-copy-'));
  for (const name of readdirSync(root).filter((each) => each !== '.git')) {
    if (linked.includes(name)) symlinkSync(join(root, name), join(folder, name));
    else cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }) };
}
