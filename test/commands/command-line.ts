/** Runs commands in this process, in their own folder, and returns their output and exit status. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/commands/program.ts';
import type { Storage } from '../../src/domain/ports/storage.ts';
import { openStorage } from '../../src/storage/open.ts';
import { sealerUnder } from '../support/sealer.ts';

export const installation = fileURLToPath(new URL('../..', import.meta.url));
export const secret = 'a secret of thirty-two characters or more';
export const sealer = sealerUnder(secret);
export const startOfTests = Date.UTC(2026, 9, 1, 10);

export type CommandLine = Awaited<ReturnType<typeof openCommandLine>>;

export function openCommandLine() {
  const folder = mkdtempSync(join(tmpdir(), 'pedel-test-'));
  const uri = `sqlite:${join(folder, 'pedel.db')}`;
  const clock = { now: startOfTests };
  const environment: Record<string, string | undefined> = {
    PEDEL_ISSUER: 'http://localhost:3000',
    PEDEL_LISTEN: '127.0.0.1:0',
    PEDEL_STORAGE: uri,
    PEDEL_MAIL: 'terminal:',
    PEDEL_SECRET: secret,
  };

  async function run(...argv: string[]) {
    let out = '';
    let err = '';
    const status = await runCommand(argv, {
      environment,
      write: (text) => {
        out += text;
      },
      writeError: (text) => {
        err += text;
      },
      interactive: false,
      now: () => clock.now,
      randomBytes,
      installation,
      onStop: () => () => {},
      onUncaught: () => {},
      end: (status) => {
        throw new Error(`ended at once with ${status}`);
      },
    });
    return { status, out, err };
  }

  /** Opens the storage of a URI, runs `act`, and closes it. */
  async function within<Result>(uri: string, act: (storage: Storage) => Promise<Result>): Promise<Result> {
    const storage = await openStorage(uri, { now: () => clock.now });
    try {
      return await act(storage);
    } finally {
      await storage.close();
    }
  }

  return {
    folder,
    clock,
    within,
    environment,
    run,
    /** Writes a file into the folder and returns its path. */
    file(name: string, content: string | Buffer) {
      const path = join(folder, name);
      writeFileSync(path, content);
      return path;
    },
    /** Reads or changes the storage that the commands work on. */
    withStorage: <Result>(act: (storage: Storage) => Promise<Result>) => within(uri, act),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
