/** All of Pedel in this process, on a storage that counts, with a clock that moves only on request. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { startReceiver } from '../demo/receiver.ts';
import { createApp } from '../src/app.ts';
import { type Config, loadConfig } from '../src/config/load.ts';
import { createHashing } from '../src/domain/passwords/password-hash.ts';
import type { Storage } from '../src/domain/ports/storage.ts';
import { createSealer } from '../src/domain/sealing/sealer.ts';
import { createLog } from '../src/operation/log.ts';
import { applyClients } from '../src/use-cases/clients/apply-clients.ts';
import { importPeople } from '../src/use-cases/import/import-people.ts';
import { type Counted, newTally, openCounted, type Tally } from './counting.ts';

export const SECRET = 'a secret of an application that only the measurement knows';
/** the redirect URI, on which no server listens */
export const CALLBACK = 'https://application.example/callback';
const clientIds = ['toledo', 'loket', 'webmail', 'app'] as const;
const HALF_MINUTE_MS = 30_000; // a TOTP code opens once

export type Installation = Awaited<ReturnType<typeof startInstallation>>;

export async function startInstallation(storageUri: string) {
  const clock = { at: Date.now(), runs: false, started: Date.now() };
  const now = () => (clock.runs ? clock.at + Date.now() - clock.started : clock.at);
  const counted = await openCounted(storageUri, now);
  const letters: { to: string; text: string }[] = [];
  const receiver = await startReceiver({ port: 0, store: { put: (received) => void letters.push(...received) } });
  const listener = createServer((_request, response) => response.writeHead(200).end()); // takes every notice of a sign-out
  const server = createServer();
  const issuer = await listening(server);
  const applications = await listening(listener);
  const config = configured(issuer, storageUri, receiver.port);
  const background = backgroundOf(counted);
  const app = await createApp({
    config,
    storage: background.storage,
    log: createLog('error'),
    now,
    hashing: createHashing(randomBytes),
  });
  let tally: Tally | undefined;
  server.on('request', (request, response) => {
    if (tally === undefined) app.listener(request, response);
    else counted.within(tally, () => app.listener(request, response));
  });
  await register(counted, applications, now);

  return {
    issuer,
    letters,
    counted,
    now,
    /** Counts what `act` causes, to its end, what follows its answers included. */
    async count(act: () => Promise<unknown>): Promise<Tally> {
      clock.at += HALF_MINUTE_MS;
      // each node keeps the applications it knows, and asks once a second whether one was changed: no act pays for that
      for (const id of clientIds) await (await fetch(`${issuer}/auth?client_id=${id}`)).text();
      await counted.settled();
      const counting = newTally();
      const endPages = counted.beginPages();
      tally = counting;
      await act();
      await counted.settled();
      tally = undefined;
      endPages(counting);
      return counting;
    },
    /** As `pedel people import` does. */
    feed: (csv: string) =>
      within(() =>
        importPeople({
          input: Readable.from([csv]),
          source: {
            id: 'sap',
            organisations: config.organisations.map(({ id }) => id),
            numbers: [...'mqrsu'].map((letter) => `${letter}#######`),
            domains: config.organisations.flatMap(({ domains }) => domains),
            credentials: true,
            identity: 'none',
          },
          organisations: config.organisations,
          defaultLanguage: config.defaultLanguage,
          invitationSeconds: config.lifetimes.invitationSeconds,
          accounts: background.storage.accounts,
          sealer: createSealer({ secrets: [config.secret] }, randomBytes),
          now,
          randomBytes,
          tell: async () => {},
          withCredentials: true,
          foreignHash: async () => {},
          progress: () => {},
        }),
      ),
    /** Hands on and delivers all that waits. */
    deliver: () =>
      within(() => {
        background.allowOneClaimOfEachKind();
        return app.jobs.runDueNow();
      }),
    /** The commands of one idle node in this number of seconds. */
    async idle(seconds: number): Promise<Tally> {
      clock.started = Date.now();
      clock.runs = true;
      background.allowAll();
      const before = new Map(counted.background.asked);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      const { asked } = counted.background;
      const since = [...asked].map(([name, times]) => [name, times - (before.get(name) ?? 0)] as const);
      return { ...newTally(), asked: new Map(since.filter(([, times]) => times > 0)) };
    },
    async stop(): Promise<void> {
      for (const each of [server, listener]) {
        each.closeAllConnections();
        await new Promise((closed) => each.close(closed));
      }
      await app.stop();
      await counted.storage.close();
      await receiver.close();
    },
  };

  function within<T>(call: () => T): T {
    return tally === undefined ? call() : counted.within(tally, call);
  }
}

/**
 * What the background does by itself would fall into one act or another as it happens, so it waits: to this node, others
 * hold the leases, and the outbox is empty until an act asks for the delivery.
 */
function backgroundOf({ storage, isWithin }: Counted) {
  let everything = false;
  const claimable = new Set<string>();
  const waiting: Storage = {
    ...storage,
    leases: {
      ...storage.leases,
      acquire: async (...input) => (everything ? storage.leases.acquire(...input) : undefined),
    },
    outbox: {
      ...storage.outbox,
      claim: async (kind, ...input) =>
        everything || (isWithin() && claimable.delete(kind)) ? storage.outbox.claim(kind, ...input) : [],
    },
  };
  return {
    storage: waiting,
    allowOneClaimOfEachKind: () => void claimable.add('letter').add('backchannel-logout'),
    allowAll: () => {
      everything = true;
    },
  };
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

function configured(issuer: string, storageUri: string, mailPort: number): Config {
  const { config, faults } = loadConfig({
    file: 'config/pedel.yaml',
    environment: {
      PEDEL_ISSUER: issuer,
      PEDEL_STORAGE: storageUri,
      PEDEL_MAIL: `smtp://127.0.0.1:${mailPort}`,
      PEDEL_SECRET: randomBytes(32).toString('base64'),
      PEDEL_ALLOW_NETWORKS: '127.0.0.0/8,::1/128',
    },
    readFile: (path) => readFileSync(path, 'utf8'),
    secret: 'required',
  });
  if (config === undefined) throw new TypeError(`the configuration does not hold: ${JSON.stringify(faults)}`);
  return config;
}

/** Two applications that sign people in, one that uses refresh tokens, and a public one with its refresh token in a browser. */
async function register({ storage }: Counted, applications: string, now: () => number): Promise<void> {
  const common = { client_secret: SECRET, redirect_uris: [CALLBACK], pedel_first_party: true };
  const told = { backchannel_logout_uri: `${applications}/logout` };
  const offline = {
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
  };
  const [toledo, loket, webmail, app] = clientIds;
  const results = await applyClients(
    [
      { ...common, ...told, client_id: toledo, scope: 'openid profile email eduperson' },
      { ...common, ...told, client_id: loket, scope: 'openid profile email' },
      { ...common, ...offline, client_id: webmail },
      { ...common, ...offline, client_id: app, client_secret: undefined, token_endpoint_auth_method: 'none' },
    ].map((registration) => JSON.parse(JSON.stringify(registration))),
    {
      clients: storage.clients,
      issuer: 'https://bench.invalid',
      now,
      randomBytes,
      dryRun: false,
      judge: () => undefined,
      fetchLogo: undefined,
    },
  );
  const refused = results.filter(({ outcome }) => outcome === 'refused');
  if (refused.length > 0) throw new TypeError(`registrations are refused: ${JSON.stringify(refused)}`);
}
