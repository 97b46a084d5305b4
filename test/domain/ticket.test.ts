import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { matchRecoveryCode, newRecoveryCodes, withoutRecoveryCode } from '../../src/domain/factors/recovery-code.ts';
import { normalizeCode, randomCode } from '../../src/domain/tickets/short-code.ts';
import {
  liveTicket,
  matchCode,
  newTicket,
  ticketId,
  withoutTicket,
  withTicket,
} from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { sealerUnder } from '../support/sealer.ts';

const sealer = sealerUnder('a secret of more than thirty-two characters');
const now = 1_793_404_800_000;
const activation = (accountId: string, lifetimeSeconds = 3600) =>
  newTicket(
    { purpose: 'activation', accountId, lifetimeSeconds, withCode: true, sentTo: 'an@example.org' },
    sealer,
    now,
    randomBytes,
  );

describe('codes that people type', () => {
  test('case, spaces, punctuation and what a copied text holds unseen do not matter', () => {
    expect(normalizeCode(' ab2c – 9xyz ')).toBe('AB2C9XYZ');
    expect(normalizeCode('\u200bAB2C_9x/yz\u00ad,\u2060')).toBe('AB2C9XYZ');
    expect(normalizeCode('ＡＢ２Ｃ')).toBe('AB2C');
  });

  test('look-alike characters are never used', () => {
    expect(randomCode(2000, randomBytes)).toMatch(/^[2-9A-HJKMNP-Z]{2000}$/);
  });
});

test('every letter of a code is equally likely: bytes that would favour some are thrown away', () => {
  const bytes = [255, 248, 3, 247];
  const random = (size: number) => Uint8Array.from({ length: size }, (_, index) => bytes[index % bytes.length] ?? 0);
  expect(randomCode(2, random)).toBe('5Z');
});

describe('rule 11: tickets', () => {
  test('the link opens its own ticket until it expires or is spent, for its purpose and account only', () => {
    const { ticket, token } = activation('a1');
    const account = withTicket(anAccount({ id: 'a1' }), ticket, now);
    expect(ticketId(token)).toBe(ticket.id);
    expect(JSON.stringify(account)).not.toContain(token);
    expect(liveTicket(account, ticket.id, ['activation'], now)).toEqual(ticket);
    expect(liveTicket(account, ticket.id, ['reset'], now)).toBeUndefined();
    expect(liveTicket(account, ticket.id, ['activation'], now + 3_600_000)).toBeUndefined();
    expect(liveTicket(withoutTicket(account, ticket.id), ticket.id, ['activation'], now)).toBeUndefined();
  });

  test('a code is bound to its account', () => {
    const { ticket, code = '' } = activation('a1');
    const own = withTicket(anAccount({ id: 'a1' }), ticket, now);
    const other = withTicket(anAccount({ id: 'a2' }), ticket, now);
    expect(matchCode(own, 'activation', code.toLowerCase(), sealer, now).outcome).toEqual({ kind: 'matched', ticket });
    expect(matchCode(other, 'activation', code, sealer, now).outcome).toEqual({ kind: 'wrong' });
  });

  test('a new ticket of the same purpose ends the older one and takes over its pending work', () => {
    const first = activation('a1').ticket;
    const second = activation('a1').ticket;
    const pending = { passwordHash: 'h', since: now };
    const account = withTicket(withTicket(anAccount({ id: 'a1' }), { ...first, pending }, now), second, now);
    expect(account.tickets).toEqual([{ ...second, pending }]);
    // but not from one address to another: who reads the first one is not who reads the second
    const elsewhere = withTicket(account, { ...activation('a1').ticket, sentTo: 'other@example.org' }, now);
    expect(elsewhere.tickets.map((ticket) => ticket.pending)).toEqual([undefined]);
  });
});

describe('rule 4: short codes', () => {
  test('the tenth wrong try ends the code, even for the right one, and the link goes on', () => {
    const { ticket, code = '' } = activation('a1');
    let account = withTicket(anAccount({ id: 'a1' }), ticket, now);
    for (let guess = 0; guess < 10; guess += 1) {
      const ruling = matchCode(account, 'activation', 'AAAA-AAAA', sealer, now);
      expect(ruling.outcome).toEqual({ kind: 'wrong' });
      account = ruling.account ?? account;
    }
    expect(matchCode(account, 'activation', code, sealer, now)).toEqual({ outcome: { kind: 'exhausted' } });
    expect(liveTicket(account, ticket.id, ['activation'], now)).toBeDefined();
  });

  test('an expired code is no code', () => {
    const { ticket, code = '' } = activation('a1');
    const account = withTicket(anAccount({ id: 'a1' }), ticket, now);
    expect(matchCode(account, 'activation', code, sealer, now + 3_600_001)).toEqual({ outcome: { kind: 'none' } });
  });

  test('recovery codes: ten, stored as HMACs bound to the account, each matching once', () => {
    const { codes, stored } = newRecoveryCodes(sealer, 'a1', now, randomBytes);
    const account = anAccount({ id: 'a1', recoveryCodes: stored });
    expect(new Set(codes).size).toBe(10);
    const [first = ''] = codes;
    expect(JSON.stringify(stored)).not.toContain(normalizeCode(first));
    const mac = matchRecoveryCode(account, ` ${first.toLowerCase()} `, sealer);
    expect(mac).toBeDefined();
    expect(matchRecoveryCode(withoutRecoveryCode(account, mac ?? ''), first, sealer)).toBeUndefined();
    expect(matchRecoveryCode({ ...account, id: 'a2' }, first, sealer)).toBeUndefined();
  });

  test('a recovery code has more than 64 bits, in groups of five, and is read however it is typed', () => {
    const { codes, stored } = newRecoveryCodes(sealer, 'a1', now, randomBytes);
    const account = anAccount({ id: 'a1', recoveryCodes: stored });
    for (const code of codes) {
      expect(code).toMatch(/^(?:[2-9A-HJKMNP-Z]{5}-){2}[2-9A-HJKMNP-Z]{5}$/);
      expect(normalizeCode(code).length * Math.log2(31)).toBeGreaterThan(64);
      for (const typed of [code.toLowerCase(), code.replaceAll('-', ''), code.split('').join(' '), `(${code}).`])
        expect(matchRecoveryCode(account, typed, sealer)).toBeDefined();
      expect(matchRecoveryCode(account, code.slice(0, -1), sealer)).toBeUndefined();
    }
  });

  test('a recovery code of ten characters, as they were made before, still opens', () => {
    const macs = [sealer.mac('recovery-code', 'a1', 'AB2C9XYZ47')];
    const account = anAccount({ id: 'a1', recoveryCodes: { macs, createdAt: now } });
    expect(matchRecoveryCode(account, 'ab2c9-xyz47', sealer)).toBe(macs[0]);
    expect(matchRecoveryCode(account, 'ab2c9-xyz48', sealer)).toBeUndefined();
  });
});
