import { createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { hash as argon2Hash } from '@node-rs/argon2';
import { hash as bcryptHash } from 'bcryptjs';
import { associationWords } from '../../src/domain/passwords/association-words.ts';
import { foreignHashFault } from '../../src/domain/passwords/foreign-hash.ts';
import { canonicalHash, whyHashLeft } from '../../src/domain/passwords/foreign-scheme.ts';
import { judgePassword } from '../../src/domain/passwords/judge-password.ts';
import { hashPassword, verifyPassword, wrapForeignHash } from '../../src/domain/passwords/password-hash.ts';
import { dummyFor, isForeignHash, OWN_WORK, workOf } from '../../src/domain/passwords/stored-hash.ts';
import { localized } from '../support/localized.ts';
import { organisations } from '../support/organisations.ts';

const PARAMETERS = { memoryCost: 19456, timeCost: 2, parallelism: 1 };
const association = associationWords({
  name: localized('Kulak Group'),
  organisations,
  more: ['toledo', 'arenberg'],
});
const alone = {
  secondFactorRequired: false,
  words: [...association, 'Annelies', 'Peeters', 'q0123456', 'annelies.peeters@alum.kuleuven.be'],
};
const withFactor = { ...alone, secondFactorRequired: true };

describe('rule 5: which passwords are good enough', () => {
  test('fifteen characters are asked where the password stands alone, twelve beside a second factor', () => {
    expect(judgePassword('fjord-lamp-42x', alone)).toMatchObject({ ok: false, reason: 'too_short', minimum: 15 });
    expect(judgePassword('fjord-lamp-42x', withFactor)).toMatchObject({ ok: true });
    expect(judgePassword('fjord-lamp4', withFactor)).toMatchObject({ ok: false, reason: 'too_short', minimum: 12 });
  });

  test('128 characters are taken and 129 are not', () => {
    const long = Array.from({ length: 26 }, (_, n) => `${String.fromCharCode(97 + n)}${n * 7}x!q`).join('');
    expect(judgePassword(long.slice(0, 128), alone)).toMatchObject({ ok: true });
    expect(judgePassword('🎓'.repeat(129), alone)).toMatchObject({ ok: false, reason: 'too_long' });
  });

  test('length is that of the password as it is hashed', () => {
    expect(judgePassword('\ufb03'.repeat(43), alone)).toMatchObject({ reason: 'too_long' }); // 129 letters
    expect(judgePassword('fjord-lamp-o\ufb03c', alone)).not.toMatchObject({ reason: 'too_short' }); // 16 letters
    expect(judgePassword('cafe\u0301 fjord lam', alone)).toMatchObject({ reason: 'too_short' }); // 14 letters
  });

  test('any character counts, as people count them', () => {
    expect(judgePassword('😀🎓🔑🚲🌧🍟☕📚🏛🐿🌻🎻', withFactor)).toMatchObject({ ok: true });
    expect(judgePassword('שלום-לעולם-הגדול-הזה', alone)).toMatchObject({ ok: true });
  });

  test.each([
    ['her own name and year', 'Annelies Peeters 1'],
    ['her number twice', 'q0123456q0123456'],
    ['her address', 'annelies.peeters@alum'],
    ['one letter many times', 'a'.repeat(40)],
    ['Dutch words everybody knows', 'wachtwoordwelkom'],
    ['the place', 'kuleuventoledo123'],
    ['Belgian family names', 'peetersjanssens'],
    ['a row of keys', 'azertyuiopqsdfghjklm'],
    ['the name of another university, and a year', 'GhentUniversity2026!'],
    ['the same in a city that everybody knows', 'Brussels-University-2026!'],
    ['two words and a year', 'zomervakantie2026'],
    ['two seasons and their years', 'Summer2026Winter2027'],
    ['a film star and a year', 'Angelina Jolie 1999'],
    ['look-alikes, a city and a year', 'P@ssw0rdGhent2026'],
    ['words of the organisations', 'VIVES Servicedesk 12'],
    ['the name of the association', 'Kulak Group 123!'],
    ['words that the operator added', 'Arenberg Toledo 12'],
    ['weak words beyond the twenty-fourth character', 'the and the and the and the and the and'],
  ])('%s is refused as guessable', (_, password) => {
    expect(judgePassword(password, alone)).toMatchObject({ ok: false, reason: 'guessable' });
  });

  test.each([
    'passwordpassword',
    'correct horse battery staple',
    'Correct-Horse-Battery-Staple-2026!',
    'correcthorsebatterystaple1',
    'To be, or not to be!',
    'D3 kat krapt de krullen van de trap',
    'Wie niet waagt, niet wint.',
    'Manchester United 1999',
  ])('a leaked password or a known phrase is refused as such, however it is written: %s', (password) => {
    expect(judgePassword(password, alone)).toMatchObject({ ok: false, reason: 'blocklisted' });
  });

  test.each([
    'negen koperen lampen dwalen',
    'seven brass lanterns wander',
    'my uncle paints purple rabbits',
    'fietsbel wolken onder de tafel',
    'kxvqzlwprtymbnsd',
    '8264019375826401',
  ])('no composition is asked for, no words are forbidden: %s', (password) => {
    expect(judgePassword(password, alone)).toMatchObject({ ok: true });
  });

  test('all 128 characters are judged: what is strong at the end counts', () => {
    expect(judgePassword(`${'a'.repeat(100)}kX9vQz2Lw8pRt6Ym`, alone)).toMatchObject({ ok: true });
    expect(judgePassword(`${'wachtwoord '.repeat(9)}negen koperen lampen`, alone)).toMatchObject({ ok: true });
  });

  test('the score is that of the verdict: what is refused as guessable never looks strong', () => {
    for (const password of ['GhentUniversity2026!', 'correct horse battery staple', 'Annelies Peeters 1'])
      expect(judgePassword(password, alone).score).toBeLessThan(3);
  });

  test.each(['4@(<{[3[&691!|0$5+7%2/vu', '1qaz2wsx', '19870412200013121999', 'kX9$vQz#2Lw!8pRt@6Ym&4Bn', 'ﬃ'])(
    'an awkward password of full length is judged in less than a second: %s …',
    (start) => {
      const password = [...start.repeat(128)].slice(0, 128).join('');
      judgePassword('what loads the lists', alone);
      const times = Array.from({ length: 3 }, () => {
        const before = process.cpuUsage(); // the time of this process, whatever else the machine does
        judgePassword(password, alone);
        return process.cpuUsage(before).user;
      });
      expect(Math.min(...times)).toBeLessThan(1_000_000);
    },
  );
});

describe('hashes', () => {
  test('argon2id with m=19456, t=2, p=1', async () => {
    expect(await hashPassword('geheim', randomBytes)).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('the salt is 16 of the random bytes given, and differs where they do', async () => {
    const salted = (byte: number) => hashPassword('geheim', (size) => Buffer.alloc(size, byte));
    const salts = (await Promise.all([salted(1), salted(1), salted(2)])).map((hash) => hash.split('$')[4]);
    expect(salts).toEqual([1, 1, 2].map((byte) => Buffer.alloc(16, byte).toString('base64').replaceAll('=', '')));
  });

  test.each([
    ['composed in another way', 'caf\u00e9', 'cafe\u0301'],
    ['of full width, as Asian keyboards write them', 'Ab1!', 'Ａｂ１！'],
    ['joined by a printer', 'office', 'o\ufb03ce'],
    ['with a space that does not break', 'a b', 'a\u00a0b'],
  ])('the same characters %s are the same password (NFKC)', async (_, one, other) => {
    for (const [set, typed] of [
      [one, other],
      [other, one],
    ] as const)
      expect(await verifyPassword(await hashPassword(set, randomBytes), typed)).toEqual({
        matches: true,
        outdated: false,
      });
  });

  test.each([
    ['NFC, as earlier versions hashed it', async (typed: string) => argon2Hash(typed.normalize('NFC'), PARAMETERS)],
    [
      'argon2id of another system, as typed',
      async (typed: string) => argon2Hash(typed, { ...PARAMETERS, timeCost: 3 }),
    ],
    ['bcrypt of another system', async (typed: string) => bcryptHash(typed, 4)],
    ['the same inside argon2id', async (typed: string) => wrapForeignHash(await bcryptHash(typed, 4), randomBytes)],
  ])('a hash of another form of the same password opens, and is to be renewed: %s', async (_, make) => {
    const typed = 'cafe\u0301 o\ufb03ce ２';
    const stored = await make(typed);
    expect(await verifyPassword(stored, typed)).toEqual({ matches: true, outdated: true });
    expect(await verifyPassword(stored, `${typed}x`)).toMatchObject({ matches: false });
  });

  test('every character of a password counts, and whether it is large or small', async () => {
    const long = `${'seven brass lanterns wander '.repeat(4)}x`;
    const hash = await hashPassword(long, randomBytes);
    expect((await verifyPassword(hash, long)).matches).toBe(true);
    for (const other of [`${long.slice(0, -1)}y`, long.slice(0, -1), long.toUpperCase(), ` ${long}`])
      expect((await verifyPassword(hash, other)).matches).toBe(false);
  });

  test('nothing matches where there is no hash', async () => {
    expect(await verifyPassword(undefined, 'geheim')).toEqual({ matches: false, outdated: false });
  });

  test('older argon2id parameters match and are to be renewed', async () => {
    const { hash } = await import('@node-rs/argon2');
    const old = await hash('geheim', { memoryCost: 4096, timeCost: 3, parallelism: 1 });
    expect(await verifyPassword(old, 'geheim')).toEqual({ matches: true, outdated: true });
  });

  /** Of OpenLDAP on Debian. */
  const argon2i = '$argon2i$v=19$m=4096,t=3,p=1$hyW1NAclVULBQZ6fTlJa7A$p+I5agfGPGLc0Td+BUQIoQkEUjpQ4GEuGNP+CtPzX2w';

  test('the work of a hash, and a hash of nobody that takes the same', async () => {
    const { hash } = await import('@node-rs/argon2');
    const bcrypt = await bcryptHash('geheim', 4);
    const light = await hash('geheim', { memoryCost: 4096, timeCost: 3, parallelism: 1 });
    const works = [
      [undefined, OWN_WORK],
      [await hashPassword('geheim', randomBytes), OWN_WORK],
      [await wrapForeignHash(`{SSHA}${Buffer.alloc(28, 7).toString('base64')}`, randomBytes), OWN_WORK],
      [bcrypt, 'bcrypt 04'],
      [await wrapForeignHash(bcrypt, randomBytes), 'bcrypt 04'],
      [light, 'argon2id m=4096,t=3,p=1'],
      [argon2i, 'argon2i m=4096,t=3,p=1'],
    ] as const;
    for (const [stored, work] of works) {
      expect(workOf(stored)).toBe(work);
      expect(workOf(dummyFor(work))).toBe(work);
      expect((await verifyPassword(dummyFor(work), 'of nobody')).matches).toBe(false);
    }
    expect(dummyFor('something else')).toBeUndefined();
  });

  const salt = Buffer.from('zoutzout');
  const ssha = `{SSHA}${Buffer.concat([createHash('sha1').update('geheim').update(salt).digest(), salt]).toString('base64')}`;

  const saltedWith = (hash: 'sha256' | 'sha512') =>
    `{S${hash.toUpperCase()}}${Buffer.concat([createHash(hash).update('geheim').update(salt).digest(), salt]).toString('base64')}`;
  const derived = (hash: string, length: number) => pbkdf2Sync('geheim', salt, 1000, length, hash);
  const mcf = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '').replaceAll('+', '.');
  const keycloak = (credentialData: object, value: Buffer) =>
    canonicalHash(
      JSON.stringify({
        credentialData: JSON.stringify(credentialData),
        secretData: JSON.stringify({ value: value.toString('base64'), salt: salt.toString('base64') }),
      }),
    );

  test.each([
    ['{SSHA}', async () => ssha],
    ['{SSHA256}', async () => saltedWith('sha256')],
    ['{SSHA512}', async () => canonicalHash(saltedWith('sha512').replace('SSHA', 'ssha'))],
    ['PBKDF2 of passlib', async () => `$pbkdf2-sha256$1000$${mcf(salt)}$${mcf(derived('sha256', 32))}`],
    ['PBKDF2 with SHA-1', async () => canonicalHash(`$pbkdf2$1000$${mcf(salt)}$${mcf(derived('sha1', 20))}`)],
    [
      'pbkdf2-sha512 of Keycloak',
      async () => keycloak({ hashIterations: 1000, algorithm: 'pbkdf2-sha512' }, derived('sha512', 64)),
    ],
    [
      'pbkdf2-sha256 of an older Keycloak',
      async () => keycloak({ hashIterations: 1000, algorithm: 'pbkdf2-sha256' }, derived('sha256', 64)),
    ],
    ['sha256-crypt of OpenSSL', async () => canonicalHash('$5$saltsalt$cKRA0A5uaKu0/NNi2WMrB.mMOAVMowckrDNQ4fKUJ06')],
    [
      'sha512-crypt of a directory',
      async () =>
        canonicalHash(
          '{CRYPT}$6$longersaltstring$UCG5sjzNQm6UgYu99vCu9rjAg1hY82uOtq0fQS6QPd314pEpgUjN0UY/slI5y8oIwJmTDYUd7bE4OK4vDGwbc0',
        ),
    ],
    ['bcrypt', async () => bcryptHash('geheim', 4)],
    [
      'PBKDF2 of OpenLDAP',
      async () => canonicalHash('{PBKDF2}10000$a19u5CHmyz7awye6heLFsA$.4/yveIOiJeS7oPSAkIfiSZdcro'),
    ],
    [
      'PBKDF2 with SHA-512 of OpenLDAP',
      async () =>
        canonicalHash(
          '{PBKDF2-SHA512}10000$GgHusdwLTbrAKx2ROv35bQ$vXTXhyO0dGHtLP2e2/nQZ3mt8M7vbaXHZJcHFbtiG0zDVXEdTwIqgdqRpnnX/g3a.5qYRfLlobiJRXSpbQUcMw',
        ),
    ],
    [
      'bcrypt of a directory',
      async () => canonicalHash('{CRYPT}$2b$04$LBECiusgqgV4GYpk0jlSmutm/2L0DSRz.NzKIJC.DFUvEDdvUD4GW'),
    ],
  ])('%s of another system matches as it came, and wrapped in argon2id', async (_, make) => {
    const foreign = await make();
    expect(foreignHashFault(foreign)).toBeUndefined();
    expect(isForeignHash(foreign)).toBe(true);
    expect(await verifyPassword(foreign, 'geheim')).toEqual({ matches: true, outdated: true });
    expect(await verifyPassword(foreign, 'Geheim')).toMatchObject({ matches: false });
    const wrapped = await wrapForeignHash(foreign, randomBytes);
    expect(wrapped).toMatch(/^wrapped\$.*\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(wrapped).not.toContain(foreign.slice(-20));
    expect(Buffer.from(wrapped.split('$')[2] ?? '', 'base64url').toString()).not.toContain(foreign.slice(-20));
    expect(await verifyPassword(wrapped, 'geheim')).toEqual({ matches: true, outdated: true });
    expect(await verifyPassword(wrapped, 'Geheim')).toMatchObject({ matches: false });
  });

  test.each([
    ['thirty-two signs, as the digest.', '$5$a$lP43hvmsdqEi/6vmpv39AcYmQWjAHgSendkgquiIaS2'],
    [
      'sixty-four signs, as long as the digest of SHA-512 is: as it has',
      '$6$a$CNYwy0jdeCKvKOtcmFLPsNC.kV5NHppxnptM2/zOUOr8ecTjzlQArG6RIlNhm3/wuIcVtlB59tGzIl3J99Gdk.',
    ],
  ])('SHA crypt of a password as long as the digest is what glibc makes of it: %s', async (password, given) => {
    const stored = canonicalHash(given);
    expect(await verifyPassword(stored, password)).toMatchObject({ matches: true });
    expect(await verifyPassword(stored, `${password}.`)).toMatchObject({ matches: false });
  });

  test('what verifying SHA crypt costs is known, wrapped as well, and nobody’s password costs the same', async () => {
    const foreign = canonicalHash('$5$saltsalt$cKRA0A5uaKu0/NNi2WMrB.mMOAVMowckrDNQ4fKUJ06');
    for (const stored of [foreign, await wrapForeignHash(foreign, randomBytes)])
      expect(workOf(stored)).toBe('crypt sha256 5000');
    const dummy = dummyFor('crypt sha256 5000');
    expect(workOf(dummy)).toBe('crypt sha256 5000');
    expect((await verifyPassword(dummy, 'of nobody')).matches).toBe(false);
  });

  test('argon2i of a directory matches as it came, within the limits of argon2id', async () => {
    expect(canonicalHash(`{ARGON2}${argon2i}`)).toBe(argon2i);
    expect(foreignHashFault(argon2i)).toBeUndefined();
    expect(foreignHashFault(argon2i.replace('m=4096', 'm=4194304'))).toContain('longer than a sign-in may');
    expect(await verifyPassword(argon2i, 'geheim')).toEqual({ matches: true, outdated: true });
    expect(await verifyPassword(argon2i, 'Geheim')).toMatchObject({ matches: false });
  });

  test('argon2 of Keycloak becomes a PHC string', async () => {
    const options = { memoryCost: 7168, timeCost: 5, parallelism: 1, salt, outputLen: 32 };
    const phc = await argon2Hash('geheim', options);
    const additionalParameters = {
      hashLength: ['32'],
      memory: ['7168'],
      type: ['id'],
      version: ['1.3'],
      parallelism: ['1'],
    };
    const value = Buffer.from(phc.slice(phc.lastIndexOf('$') + 1), 'base64');
    const hash = keycloak({ hashIterations: 5, algorithm: 'argon2', additionalParameters }, value);
    expect(hash).toBe(phc);
    expect(foreignHashFault(hash)).toBeUndefined();
    expect(await verifyPassword(hash, 'geheim')).toEqual({ matches: true, outdated: true });
  });

  test('what verifying PBKDF2 costs is known, wrapped as well, and nobody’s password costs the same', async () => {
    const foreign = `$pbkdf2-sha512$1000$${mcf(salt)}$${mcf(derived('sha512', 64))}`;
    for (const stored of [foreign, await wrapForeignHash(foreign, randomBytes)])
      expect(workOf(stored)).toBe('pbkdf2 sha512 1000 64');
    const dummy = dummyFor('pbkdf2 sha512 1000 64');
    expect(workOf(dummy)).toBe('pbkdf2 sha512 1000 64');
    expect((await verifyPassword(dummy, 'of nobody')).matches).toBe(false);
  });

  test.each([
    [`$pbkdf2-sha512$800001$${'a'.repeat(22)}$${'a'.repeat(86)}`, 'longer than a sign-in may'],
    [`$pbkdf2-sha256$1000001$${'a'.repeat(22)}$${'a'.repeat(86)}`, 'longer than a sign-in may'],
    ['$6$saltsalt$hash', 'sha512-crypt that is not whole'],
    ['{CRYPT}$5$saltsalt$hash', 'sha256-crypt or sha512-crypt that is not whole'],
    [`$5$saltsalt$${'a'.repeat(86)}`, 'not whole'],
    [`$6$rounds=999$saltsalt$${'a'.repeat(86)}`, 'not whole'],
    [`$6$saltsaltsaltsalt1$${'a'.repeat(86)}`, 'not whole'],
    [`$6$rounds=50001$saltsalt$${'a'.repeat(86)}`, 'longer than a sign-in may'],
    [`$5$rounds=999999999$saltsalt$${'a'.repeat(43)}`, 'longer than a sign-in may'],
    [JSON.stringify({ credentialData: '{"algorithm":"scrypt"}', secretData: '{}' }), 'must be a hash'],
    ['{"credentialData":', 'must be a hash'],
  ])('%j is refused with a reason', (hash, reason) => expect(foreignHashFault(canonicalHash(hash))).toContain(reason));

  test.each([
    ['{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=', '{SHA} has no salt'],
    ['{MD5}X03MO1qnZdYdgyfeuILPmQ==', '{MD5} has no salt'],
    ['8846f7eaee8fb117ad06bdd830b7586c', 'an NT hash'],
    ['{CRYPT}rEK1ecacw.7.c', 'a DES crypt'],
    ['rEK1ecacw.7.c', 'a DES crypt'],
    ['$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/', 'MD5 crypt'],
    ['{SMD5}x', '{SMD5} is MD5'],
    ['{CRYPT}$y$j9T$KcaeC9KSyXq7zCVW$22nlWedeA4HlSzgB0pCwsG.8CQj3XnNHqj3DSAKaUL1', 'not known here: $y$'],
    ['{SASL}kim@EXAMPLE.EDU', 'not known here: {SASL}'],
    ['{PBKDF2_SHA256}AAAIAA', 'not known here: {PBKDF2_SHA256}'],
  ])('%j is too weak to be kept, or of no scheme that is known, by name', (hash, reason) =>
    expect(whyHashLeft(hash)).toContain(reason),
  );

  test.each(['$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW', ssha, '{SSHA}', 'welkom123', ''])(
    '%j is none of these',
    (hash) => expect(whyHashLeft(hash)).toBeUndefined(),
  );

  test.each([
    '',
    'geheim',
    '{MD5}x',
    '{SSHA}',
    '{SSHA}AAAA',
    '$2b$99$abc',
    '$argon2i$v=19$m=1,t=1,p=1$aaaa$bbbb',
    '{PBKDF2-SHA512}10000$GgHusdwLTbrAKx2ROv35bQ',
    '$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA',
    `$2b$31$${'a'.repeat(53)}`,
  ])('%j is no hash that we take', (hash) => expect(foreignHashFault(hash)).toBeDefined());
});
