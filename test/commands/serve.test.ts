import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { anAccount } from '../support/account.ts';
import { freeDemoPorts, freePort } from '../support/ports.ts';
import { newKey } from '../support/security-key.ts';
import { type CommandLine, installation, openCommandLine } from './command-line.ts';

const STARTS_MS = 120_000;

let shell: CommandLine;
let child: ChildProcess | undefined;
beforeEach(() => {
  shell = openCommandLine();
});
afterEach(async () => {
  if (child !== undefined && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await new Promise((resolve) => child?.once('close', resolve));
  }
  shell.close();
});

/** Starts `bin/pedel` as a separate process. */
function start(argv: string[], environment: Record<string, string | undefined> = shell.environment) {
  const started = spawn(join(installation, 'bin', 'pedel'), argv, {
    env: { PATH: process.env.PATH, TMPDIR: shell.folder, ...environment },
  });
  child = started;
  let said = '';
  const ended = new Promise<number | string>((resolve) =>
    started.once('close', (code, signal) => resolve(code ?? signal ?? '')),
  );
  const saysSo = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(said);
        if (found !== null) resolve(found);
      };
      for (const stream of [started.stdout, started.stderr]) stream.on('data', () => setImmediate(look));
      ended.then((code) => reject(new Error(`ended with ${code}: ${said}`)));
    });
  for (const stream of [started.stdout, started.stderr]) {
    stream.on('data', (chunk) => {
      said += chunk;
    });
  }
  return { said: () => said, ended, saysSo, kill: (signal: NodeJS.Signals) => started.kill(signal) };
}

/** A request of the token endpoint that is under way: half of its body is sent. `finish` returns the status of its answer. */
async function slowRequest(port: number) {
  const body = 'grant_type=authorization_code&code=x&client_id=nobody';
  const slow = request({
    port,
    host: '127.0.0.1',
    path: '/token',
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  const answer = new Promise<number | undefined>((resolve, reject) =>
    slow.once('response', (response) => resolve(response.statusCode)).once('error', reject),
  );
  await new Promise((resolve) => {
    slow.once('continue', resolve);
    slow.flushHeaders();
  });
  slow.write(body.slice(0, 10));
  return {
    finish(): Promise<number | undefined> {
      slow.end(body.slice(10));
      return answer;
    },
  };
}

describe('pedel serve', () => {
  test('does not lose the passkeys of people because issuer is on another host now, and says what would keep them', async () => {
    const { factor } = newKey('passkey', 'account-1');
    await shell.withStorage(async ({ accounts, values }) => {
      await accounts.insert(anAccount({ passkeys: [factor] }));
      await values.getOrInsert('passkey-domain', 'idp.example.edu');
    });
    shell.environment.PEDEL_ISSUER = 'https://login.example.org';
    const { status, err } = await shell.run('serve');
    expect(status).toBe(1);
    expect(err).toContain('passkeyDomain: idp.example.edu, and relatedOrigins: [https://login.example.org]');
  });

  test(
    'listens and is ready with five variables set, and finishes requests under way on SIGTERM',
    async () => {
      const port = await freePort();
      Object.assign(shell.environment, { PEDEL_LISTEN: `127.0.0.1:${port}`, PEDEL_ISSUER: `http://localhost:${port}` });
      const pedel = start(['serve']);
      await pedel.saysSo(new RegExp(`Pedel serves http://localhost:${port} on http://127.0.0.1:${port}\n`));
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);

      const slow = await slowRequest(port);

      pedel.kill('SIGTERM');
      await pedel.saysSo(/ending/);
      await expect(fetch(`http://127.0.0.1:${port}/readyz`)).rejects.toThrow();
      expect(await slow.finish()).toBe(401);
      expect(await pedel.ended).toBe(0);
      expect(statSync(join(shell.folder, 'pedel.db')).mode & 0o077).toBe(0);
    },
    STARTS_MS,
  );

  test(
    'on an exception that nobody caught: logs and counts it, finishes what is under way, ends with 1',
    async () => {
      const [port, metrics] = [await freePort(), await freePort()];
      const throws = `process.on('SIGUSR2', () => {
        setImmediate(() => { throw new Error('a fault in a callback'); });
        Promise.reject(new Error('a rejection'));
      })`;
      Object.assign(shell.environment, {
        PEDEL_LISTEN: `127.0.0.1:${port}`,
        PEDEL_ISSUER: `http://localhost:${port}`,
        PEDEL_METRICS_LISTEN: `127.0.0.1:${metrics}`,
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(throws)}`,
      });
      const pedel = start(['serve']);
      await pedel.saysSo(/Pedel serves /);
      const slow = await slowRequest(port);

      pedel.kill('SIGUSR2');
      await pedel.saysSo(
        /(?=[\s\S]*"level":"fatal".*a rejection)[\s\S]*"level":"fatal".*a fault in a callback.*\\n {4}at /,
      );
      const told = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
      expect(told).toMatch(/^pedel_uncaught_exceptions_total 2$/m);
      expect(await slow.finish()).toBe(401);
      expect(await pedel.ended).toBe(1);
      expect(pedel.said()).toMatch(/"msg":"ended"/);
    },
    STARTS_MS,
  );

  test(
    'says in one line that the port is in use, with the remedy',
    async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
      const { port } = server.address() as AddressInfo;
      shell.environment.PEDEL_LISTEN = `127.0.0.1:${port}`;
      const pedel = start(['serve']);
      expect(await pedel.ended).toBe(1);
      expect(pedel.said()).toBe(
        `pedel: port ${port} on 127.0.0.1 is in use: end the process that listens there, or choose another port (PEDEL_LISTEN=127.0.0.1:${port + 1})\n`,
      );
      await new Promise((resolve) => server.close(resolve));
    },
    STARTS_MS,
  );
});

describe('pedel demo', () => {
  test(
    'starts everything in an empty folder, prints one page, and leaves nothing behind after Ctrl-C',
    async () => {
      const port = await freeDemoPorts();
      const demo = start(['demo', '--port', String(port)], {});
      await demo.saysSo(/Ctrl-C ends everything/);
      for (const address of [
        `http://localhost:${port + 1}/`,
        `http://localhost:${port + 4}/portaal/`,
        `http://localhost:${port + 5}/`,
        'r0011111',
      ]) {
        expect(demo.said()).toContain(address);
      }
      const [folder = ''] = readdirSync(shell.folder).filter((name) => name.startsWith('pedel-demo-'));
      expect(statSync(join(shell.folder, folder, 'secret')).mode & 0o777).toBe(0o600);
      for (const offset of [0, 1, 2, 3, 5])
        expect((await fetch(`http://127.0.0.1:${port + offset}/`)).status).toBeLessThan(500);
      demo.kill('SIGINT');
      expect(await demo.ended).toBe(0);
      expect(existsSync(join(shell.folder, folder))).toBe(false);
      await expect(fetch(`http://127.0.0.1:${port + 1}/`)).rejects.toThrow();
    },
    STARTS_MS,
  );

  test(
    'says before it starts anything which port is in use, and what needs it',
    async () => {
      const server = createServer();
      const port = (await freeDemoPorts()) + 1;
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
      const demo = start(['demo', '--port', String(port - 1)], {});
      expect(await demo.ended).toBe(1);
      expect(demo.said()).toMatch(
        new RegExp(
          `^pedel: port ${port} \\(Toledo\\) is in use: choose others with --port, for example --port \\d+\n$`,
        ),
      );
      await new Promise((resolve) => server.close(resolve));
    },
    STARTS_MS,
  );
});
