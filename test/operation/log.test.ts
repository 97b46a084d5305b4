import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { createLog } from '../../src/operation/log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): string {
  const lines: string[] = [];
  write(createLog('debug', { write: (line: string) => lines.push(line) }));
  return lines.join('');
}

describe('rule 24: secrets never reach a log', () => {
  test.each([
    'password',
    'code',
    'client_secret',
    'access_token',
    'refresh_token',
    'id_token_hint',
    'logout_token',
    'cookie',
    'authorization',
    'ticket',
    'sealedSecret',
    'code_verifier',
  ])('a member called %s is redacted at the top, one and two levels down', (name) => {
    const text = logged((log) => {
      log.info({ [name]: 'S3CRET' }, 'a');
      log.warn({ body: { [name]: 'S3CRET' } }, 'b');
      log.error({ answer: { headers: { [name]: 'S3CRET' } } }, 'c');
    });
    expect(text).not.toContain('S3CRET');
  });

  test('the same holds in a list, in what is put into a sentence, and in an error', () => {
    const text = logged((log) => {
      log.info({ tries: [{ password: 'S3CRET' }] }, 'a');
      (log.info as (...args: unknown[]) => void)('b %j', { code: 'S3CRET' });
      log.error({ err: { message: 'c', answer: { token: 'S3CRET' } } }, 'c');
      log.error({ problem: Object.assign(new Error('d'), { code: 'S3CRET' }) }, 'd');
    });
    expect(text).not.toContain('S3CRET');
    expect(text.match(/\[redacted\]/g)).toHaveLength(4);
  });

  test('what is logged stays as it is, and the rest of it is told', () => {
    const member = { id: 'known', code: 'S3CRET', list: [1, { ok: true }] };
    const text = logged((log) => log.info({ member }, 'a'));
    expect(member).toEqual({ id: 'known', code: 'S3CRET', list: [1, { ok: true }] });
    expect(JSON.parse(text)).toMatchObject({ member: { id: 'known', code: '[redacted]', list: [1, { ok: true }] } });
  });

  test('an error brings its stack and cause, and nothing else that hangs on it', () => {
    const error = Object.assign(new Error('no', { cause: new Error('why') }), {
      response: { body: 'S3CRET' },
      code: 'ECONNREFUSED',
    });
    const text = logged((log) => log.error({ err: error }, 'failed'));
    expect(text).toContain('ECONNREFUSED');
    expect(text).toContain('why');
    expect(text).not.toContain('S3CRET');
  });

  test('an error that a room described itself keeps what that room said', () => {
    const described = { type: 'TypeError', message: 'no such view', stack: 'TypeError: no such view at …' };
    const text = logged((log) => log.error({ err: described }, 'failed'));
    expect(text).toContain('no such view at');
    expect(text).not.toContain('[object Object]');
  });
});

test('a line that cannot be written is lost, and its fault reaches nobody', () => {
  const script = `
    import { createLog } from './src/operation/log.ts';
    const log = createLog('info');
    for (let line = 0; line < 3; line += 1) log.error({ text: 'x'.repeat(1e6) }, 'to a full disk');
    setTimeout(() => process.exit(7), 20);`;
  const full = openSync('/dev/full', 'w');
  try {
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect({ status, stderr }).toMatchObject({ status: 7, stderr: expect.not.stringContaining('ENOSPC') });
  } finally {
    closeSync(full);
  }
});
