/** The installation that is filled and measured: the configuration of the repository, with a storage of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../src/config/load.ts';
import { INSTALLATION_SECRET } from '../speed/target.ts';

const command = fileURLToPath(new URL('../../bin/pedel', import.meta.url));
const configFile = fileURLToPath(new URL('../../config/pedel.yaml', import.meta.url));

export type Installation = ReturnType<typeof installationFor>;

/** What a command took: wall time, and the most memory (resident, of all its processes that were seen) in bytes. */
export type Ran = { seconds: number; peakBytes: number; output: string };

export function installationFor(folder: string, storage: string) {
  const environment = {
    ...process.env,
    PEDEL_ISSUER: 'http://localhost:3999',
    PEDEL_LISTEN: '127.0.0.1:3999',
    PEDEL_STORAGE: storage,
    PEDEL_MAIL: 'smtp://127.0.0.1:9',
    PEDEL_SECRET: INSTALLATION_SECRET,
    PEDEL_CONFIG: configFile,
  };
  const { config, faults } = loadConfig({
    file: configFile,
    environment,
    readFile: (path) => readFileSync(path, 'utf8'),
    secret: 'required',
  });
  if (config === undefined) throw new TypeError(`the configuration does not hold: ${JSON.stringify(faults)}`);
  const { organisations, secret } = config;
  return { storage, organisations, secret, issuer: environment.PEDEL_ISSUER, run, serve };

  /** Runs `pedel` with these words. @throws Error with its output where it fails */
  async function run(...words: string[]): Promise<Ran> {
    const started = performance.now();
    const child = spawn(command, words, { env: environment, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    let peakBytes = 0;
    const looking = setInterval(() => {
      peakBytes = Math.max(peakBytes, peakOf(child.pid));
    }, 50);
    const [code] = await once(child, 'close');
    clearInterval(looking);
    if (code !== 0) throw new Error(`pedel ${words.join(' ')} ended with ${code}:\n${output.slice(-5000)}`);
    return { seconds: (performance.now() - started) / 1000, peakBytes, output };
  }

  /** Starts a node. `seconds`: until its discovery document was answered. `end` waits until it is gone. */
  async function serve(): Promise<{ seconds: number; pid: number; end(): Promise<void> }> {
    const started = performance.now();
    const child = spawn(command, ['serve'], { env: environment, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    const gone = once(child, 'close');
    const url = `${environment.PEDEL_ISSUER}/.well-known/openid-configuration`;
    while (!(await fetch(url).catch(() => undefined))?.ok) {
      if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return {
      seconds: (performance.now() - started) / 1000,
      pid: child.pid as number,
      end: async () => {
        child.kill('SIGTERM');
        await gone;
      },
    };
  }
}

/** The most resident memory that this process had so far, in bytes; 0 where it is gone. */
function peakOf(pid: number | undefined): number {
  try {
    const status = readFileSync(join('/proc', String(pid), 'status'), 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}
