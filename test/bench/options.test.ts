/** The words of the bench: what they mean, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { actsFor } from '../../bench/speed/against.ts';
import { parseOptions } from '../../bench/speed/options.ts';

/** What is said before the process would end. */
function refusal(...words: string[]): string {
  let said = '';
  const program = new Command('bench').exitOverride().configureOutput({
    writeErr: (text) => {
      said += text;
    },
  });
  expect(() => parseOptions(words, program)).toThrow();
  return said;
}

describe('the options of the bench', () => {
  test('are seven rounds of all acts and scenarios against all baselines where nothing is said', () => {
    const options = parseOptions([]);
    expect(options).toMatchObject({ rounds: 7, warmUpSeconds: 30, burstMs: 700, connections: 16, against: undefined });
    expect(options.baselines).toEqual(['memory', 'sqlite', 'http']);
    expect(options.only).toEqual(expect.arrayContaining(['silent', 'no-hash', 'password', 'userinfo', 'jwks']));
    expect(options.scenarios).toEqual(['storm', 'start', 'memory']);
  });

  test('--quick is short, and what is said beside it counts', () => {
    expect(parseOptions(['--quick'])).toMatchObject({ rounds: 3, warmUpSeconds: 5, scenarios: [] });
    expect(parseOptions(['--quick', '--rounds', '9'])).toMatchObject({ rounds: 9, warmUpSeconds: 5 });
  });

  test('name acts, scenarios and baselines', () => {
    const words = ['--only', 'silent, start', '--baselines', 'none'];
    expect(parseOptions(words)).toMatchObject({ only: ['silent'], scenarios: ['start'], baselines: [] });
    expect(refusal('--only', 'silence')).toContain('silence: there is silent, another');
  });

  test('of what cannot be are refused with a reason', () => {
    expect(refusal('--rounds', '0')).toContain('1 to 1000');
    expect(refusal('--compare', '/nowhere')).toContain('There is no bin/pedel in it');
    expect(refusal('--mongodb', 'mongodb://127.0.0.1/')).toContain('goes with --storage mongodb');
    expect(refusal('--save', '--storage', 'mongodb')).toContain('those of SQLite');
  });
});

describe('an installation that runs', () => {
  test('is asked on loopback, and elsewhere only if its owner agrees', () => {
    expect(parseOptions(['--against', 'http://localhost:3000']).against).toMatchObject({
      url: 'http://localhost:3000',
    });
    expect(refusal('--against', 'https://idp.example.edu')).toContain('say --owner-agrees if whoever runs it knows');
    expect(parseOptions(['--against', 'https://idp.example.edu', '--owner-agrees']).against?.ownerAgrees).toBe(true);
    expect(refusal('--against', 'localhost:3000')).toContain('is no address');
  });

  test('is signed in to with a client and a person, whose secrets come from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'pedel-bench-options-'));
    const file = join(folder, 'secret');
    writeFileSync(file, 'a secret\n');
    const at = ['--against', 'http://127.0.0.1:3000'];
    const client = ['--client', 'library', '--secret-file', file, '--redirect-uri', 'https://library.example/callback'];
    const person = ['--login', 'r1', '--password-file', file];
    const { against } = parseOptions([...at, ...client, ...person]);
    rmSync(folder, { recursive: true });
    expect(against).toMatchObject({ client: { secret: 'a secret' }, person: { login: 'r1', password: 'a secret' } });
    expect(refusal(...at, ...client)).toContain('signing in takes');
    const all = parseOptions([]).only;
    expect(actsFor({ client: undefined, person: undefined }, all)).toEqual(['discovery', 'jwks']);
    // what needs processes of the bench, or the authenticator of a person, stays out
    const acts = actsFor({ client: against?.client, person: against?.person }, all);
    expect(acts).toEqual(expect.arrayContaining(['silent', 'userinfo', 'password']));
    expect(acts.filter((act) => ['no-hash', 'another', 'sign-out', 'totp'].includes(act))).toEqual([]);
  });
});
