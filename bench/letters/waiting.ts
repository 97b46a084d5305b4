/** Invitations that wait in the outbox. */
import { randomUUID } from 'node:crypto';
import type { Outbox } from '../../src/domain/ports/outbox.ts';
import type { Sealer } from '../../src/domain/sealing/sealer.ts';

const AT_ONCE = 500; // they share commits

export async function putInvitations(
  outbox: Pick<Outbox, 'put'>,
  sealer: Pick<Sealer, 'seal'>,
  letters: number,
): Promise<void> {
  const createdAt = Date.now();
  let next = 0;
  const put = async () => {
    while (next < letters) {
      const number = `r${String(1_000_000 + next++)}`;
      const accountId = randomUUID();
      await outbox.put({
        id: randomUUID(),
        kind: 'letter',
        accountId,
        createdAt,
        payload: {
          template: 'invitation',
          to: `${number}@student.vives.be`,
          language: next % 3 === 0 ? 'en' : 'nl',
          organisation: 'vives',
          givenName: 'Wout',
          data: { number, organisation: 'vives' },
          sealedSecret: sealer.seal(JSON.stringify({ link: `/activate/${randomUUID()}` }), accountId, 'letter'),
        },
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, put));
}
