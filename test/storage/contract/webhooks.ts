import { expect, test } from '@jest/globals';
import type { Webhook, Webhooks } from '../../../src/domain/ports/webhooks.ts';
import { count, crowds, race, together } from './together.ts';

export const aWebhook = (change: Partial<Webhook> = {}): Webhook => ({
  id: 'one',
  revision: 1,
  url: 'https://crm.example/hook',
  events: ['*'],
  contact: 'crm@example.org',
  secrets: [{ sealed: 's', createdAt: 1 }],
  state: 'enabled',
  hearsFrom: 1,
  createdAt: 1,
  updatedAt: 1,
  ...change,
});

export function webhooksContract(webhooks: () => Webhooks, rounds: number): void {
  test('what was put is found and listed by id, whatever it says', async () => {
    const strange = aWebhook({ note: '"\u0000🌱', client: '$where', events: ['client.*', 'client.created'] });
    expect(await webhooks().put(strange, 0)).toBe(true);
    await webhooks().put(aWebhook({ id: 'a' }), 0);
    expect(await webhooks().find('one')).toEqual(strange);
    expect(await webhooks().find('none')).toBeUndefined();
    expect((await webhooks().list(undefined, 1)).map(({ id }) => id)).toEqual(['a']);
    expect((await webhooks().list('a', 9)).map(({ id }) => id)).toEqual(['one']);
  });

  test('it is made once, changed only at the revision that was read, and deleted only there', async () => {
    await webhooks().put(aWebhook(), 0);
    expect(await webhooks().put(aWebhook({ url: 'https://other.example' }), 0)).toBe(false);
    expect(await webhooks().put(aWebhook({ revision: 3 }), 2)).toBe(false);
    expect(await webhooks().put(aWebhook({ revision: 2, state: 'disabled' }), 1)).toBe(true);
    expect(await webhooks().remove('one', 1)).toBe(false);
    expect((await webhooks().find('one'))?.state).toBe('disabled');
    expect([await webhooks().remove('one', 2), await webhooks().remove('one', 2)]).toEqual([true, false]);
    expect([await webhooks().find('one'), await webhooks().list(undefined, 9)]).toEqual([undefined, []]);
  });

  race('of %i who change one revision at once, one does', crowds, rounds, async (callers, round) => {
    const id = `${callers} ${round}`;
    await webhooks().put(aWebhook({ id }), 0);
    const changed = await together(callers, (n) => webhooks().put(aWebhook({ id, revision: 2, note: `${n}` }), 1));
    expect(count(changed, true)).toBe(1);
    expect((await webhooks().find(id))?.note).toBe(`${changed.indexOf(true)}`);
  });
}
