import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { newAuditKey, openValues, sealValues } from '../../src/domain/audit/sealed-audit-values.ts';
import { sealerUnder } from '../support/sealer.ts';

const secret = 'a secret of more than thirty-two characters';
const an = { id: 'account-1', auditKey: newAuditKey(randomBytes) };
const values = { old: { familyName: 'Peeters' }, new: { familyName: 'Peeters-Claes' } };

describe('rule 28: what the audit log tells of a person', () => {
  test('opens with the key of the account, after a change of the sealing secret too', () => {
    const sealed = sealValues(sealerUnder(secret), an, values, randomBytes);
    expect(sealed).not.toContain(Buffer.from('Peeters').toString('base64url'));
    expect(openValues(sealerUnder('the secret after that one, just as long', secret), an, sealed)).toEqual(values);
  });

  test('opens where version 0.2 wrote it', () => {
    const account = { id: 'account-1', auditKey: Buffer.alloc(32, 7).toString('base64url') };
    const sealed = 'e6LdIU9460uNJXlSffhBM7UwqHlbJvCC7SQ82Slc0KBU6dkmqbK7gox0aNjs';
    expect(openValues(sealerUnder(secret), account, sealed)).toEqual({ old: 'Peeters' });
  });

  test('is unreadable once the key of the account is erased, whoever holds the secret', () => {
    const sealer = sealerUnder(secret);
    const sealed = sealValues(sealer, an, values, randomBytes);
    expect(() => openValues(sealer, { id: an.id, auditKey: newAuditKey(randomBytes) }, sealed)).toThrow(
      expect.objectContaining({ code: 'sealed_unreadable' }),
    );
  });

  test('cannot be moved to another person, and what is no sealed value is refused with a stable code', () => {
    const sealer = sealerUnder(secret);
    const sealed = sealValues(sealer, an, values, randomBytes);
    for (const [account, text] of [
      [{ ...an, id: 'account-2' }, sealed],
      [an, ''],
      [an, 'AAAA'],
    ] as const) {
      expect(() => openValues(sealer, account, text)).toThrow(expect.objectContaining({ code: 'sealed_unreadable' }));
    }
  });
});
