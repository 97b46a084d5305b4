/** What who reads the database must not find in it (rule 25): whatever opens an account. */
import { randomBytes } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { generateSync } from 'otplib';
import { activate, askForCode, keepEnrolment, keepPassword } from '../../src/domain/activation/activation.ts';
import { hashClientSecret } from '../../src/domain/clients/client-secret.ts';
import {
  beginEnrolment,
  chooseTotp,
  openRecoveryCodes,
  proveTotp,
  sealedRecoveryCodes,
  seedOf,
} from '../../src/domain/factors/enrolment.ts';
import { mailFactorCode } from '../../src/domain/factors/first-factor.ts';
import { askForReset } from '../../src/domain/passwords/reset.ts';
import { newSigningKey } from '../../src/domain/signing-keys/signing-key.ts';
import { newTicket, withTicket } from '../../src/domain/tickets/ticket.ts';
import { anAccount } from '../support/account.ts';
import { organisations } from '../support/organisations.ts';
import { sealerUnder } from '../support/sealer.ts';

const sealer = sealerUnder('a secret of more than thirty-two characters');
const now = Date.UTC(2026, 8, 21, 9);
const context = { organisations, now, network: '192.0.2.1' };

/** As it stands there, and as whoever looks would decode it. */
function readings(stored: unknown): string {
  const text = JSON.stringify(stored);
  const decoded = [...text.matchAll(/[\w+/=-]{16,}/g)].flatMap(([word]) =>
    (['base64url', 'hex'] as const).map((encoding) => Buffer.from(word, encoding).toString('latin1')),
  );
  return [text, ...decoded].join('\n').replaceAll('-', '').toUpperCase();
}

function expectNone(stored: unknown, secrets: (string | undefined)[]): void {
  const found = readings(stored);
  for (const secret of secrets) {
    expect(secret).toMatch(/.{8}/);
    expect(found).not.toContain(secret?.replaceAll('-', '').toUpperCase());
  }
}

function ticketFor(purpose: 'activation' | 'reset' | 'first-factor') {
  const made = newTicket(
    { purpose, accountId: 'student', lifetimeSeconds: 3600, withCode: true, sentTo: 'lotte@example.org' },
    sealer,
    now,
    randomBytes,
  );
  const secret = JSON.stringify({ link: `/activate?ticket=${made.token}`, code: made.code });
  return { ...made, prepared: { ticket: made.ticket, sealedSecret: sealer.seal(secret, 'student', 'letter') } };
}

const student = anAccount({
  id: 'student',
  userNumbers: ['r0123456'],
  personalEmail: 'lotte@example.org',
  affiliations: [{ organisation: 'vives', role: 'student', source: 'csv' }],
});

test('seeds, codes, links and recovery codes stand nowhere in what is stored', () => {
  const made = ticketFor('activation');
  const asked = askForCode(student, { number: 'r0123456', prepared: made.prepared }, context);
  expectNone(asked, [made.code, made.token]);

  const waiting = withTicket(student, made.ticket, now);
  const { account: kept = waiting } = keepPassword(waiting, made.ticket.id, '$argon2id$hash', context);
  const enrolment = chooseTotp(kept, beginEnrolment(kept, 'activation', now), sealer, randomBytes);
  const { account: enrolling = kept } = keepEnrolment(kept, made.ticket.id, enrolment, context);
  const seed = seedOf(enrolling, enrolment, sealer);
  expectNone(enrolling, [seed, made.code, made.token]);

  const code = generateSync({ secret: seed, epoch: Math.floor(now / 1000) });
  const factor = proveTotp(enrolling, enrolment, code, 'phone', sealer, now);
  if (factor === undefined) throw new TypeError('the code of a seed proves it');
  const codes = sealedRecoveryCodes(enrolling, sealer, now, randomBytes);
  const final = { factor: { kind: 'totp' as const, factor }, recoveryCodes: codes.stored };
  const { outcome, account: active = enrolling, effects } = activate(enrolling, made.ticket.id, final, context);
  expect(outcome).toEqual({ kind: 'activated' });
  const plainCodes = openRecoveryCodes(active, codes.sealedCodes, sealer);
  expectNone({ active, effects, codes: codes.sealedCodes }, [seed, ...plainCodes]);

  const [reset, activation, mailed] = [ticketFor('reset'), ticketFor('activation'), ticketFor('first-factor')];
  const prepared = { reset: reset.prepared, activation: activation.prepared };
  expectNone(askForReset(active, prepared, context), [reset.token, reset.code]);
  expectNone(mailFactorCode(active, mailed, sealer, context), [mailed.token, mailed.code]);
});

test('neither does the private half of a signing key, nor the secret of an application', async () => {
  const key = await newSigningKey('ES256', 1, sealer, { createdAt: now, usedFrom: now });
  const { d } = JSON.parse(sealer.open(key.sealedPrivateJwk, key.kid, 'signing-key')) as { d: string };
  expectNone(key, [d]);
  const secret = randomBytes(32).toString('base64url');
  expectNone(hashClientSecret(secret), [secret]);
});
