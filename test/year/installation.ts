/** The installation that lives through the year: one university, whose rules the oracle (lives.ts) knows by heart. */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Config, loadConfig } from '../../src/config/load.ts';

export const SOURCE = 'register';
export const CLIENT = 'toledo';

const CONFIGURATION = `
issuer: http://localhost:3999
storage: sqlite:never-opened
mail: { url: 'smtp://127.0.0.1:9', from: 'Pedel <pedel@vives.be>' }
installation: { name: { nl: Vives, en: Vives } }
endWarningDays: [14, 3]
organisations:
  - id: vives
    name: { nl: Vives, en: Vives }
    domains: [vives.be]
    contacts: [{ label: { nl: Servicedesk, en: Service desk }, email: servicedesk@vives.be }]
    colour: '#c8102e'
    secondFactor: offered
    activation: link
    access:
      student: { opens: P30D, expired: 10-31, discontinued: P7D }
      guest: { expired: P0D, retain: P90D }
      default: { expired: P0D, discontinued: P7D }
sources:
  - { id: ${SOURCE}, organisations: [vives], numbers: ['r#######'], safeguard: { lose: 100%, least: 1000000, shrink: 100% } }
`;

export type Place = { folder: string; storage: string; mailPort: number };

/** Environment of every process of the installation. */
export function environmentOf({ folder, storage, mailPort }: Place): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    PEDEL_CONFIG: join(folder, 'pedel.yaml'),
    PEDEL_STORAGE: storage,
    PEDEL_MAIL: `smtp://127.0.0.1:${mailPort}`,
    PEDEL_SECRET: 'a secret of a test, longer than thirty-two characters',
    PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
    PEDEL_HASHING_PROCESSES: '1',
  };
}

export function writeConfiguration({ folder }: Place): void {
  writeFileSync(join(folder, 'pedel.yaml'), CONFIGURATION);
}

/** @throws Error naming the faults */
export function configurationOf(environment: Record<string, string | undefined>): Config {
  const file = environment.PEDEL_CONFIG ?? '';
  const read = (path: string) => readFileSync(path, 'utf8');
  const { config, faults } = loadConfig({ file, environment, readFile: read, secret: 'required' });
  if (config === undefined) throw new Error(JSON.stringify(faults));
  return config;
}

const pedel = fileURLToPath(new URL('../../bin/pedel', import.meta.url));

/** Registers the application, whose back-channel logout endpoint is below `address`. */
export async function register(env: Record<string, string>, folder: string, address: string): Promise<void> {
  const file = join(folder, 'clients.json');
  const client = {
    client_id: CLIENT,
    client_secret: 'a-secret-that-only-this-application-and-the-test-know',
    redirect_uris: ['https://toledo.example/back'],
    backchannel_logout_uri: `${address}/${CLIENT}`,
  };
  writeFileSync(file, JSON.stringify([client]));
  await promisify(execFile)(pedel, ['clients', 'apply', file], { env });
}
