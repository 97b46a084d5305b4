/** Processes fail while people activate, sign in and change their minds: two, then one, on an SQLite file. */
import { describe, test } from '@jest/globals';
import { chaos, expectKept } from './driver.ts';
import { type EventKind, eventKinds } from './events.ts';

describe('on one SQLite file', () => {
  test('two processes may be killed, stopped and restarted', async () => {
    const events = eventKinds('sqlite');
    expectKept(await chaos('sqlite', 2, events), events);
  }, 600_000);

  test('one process may be killed again and again', async () => {
    const events: EventKind[] = ['kill a node', 'kill a node', 'kill a node', 'kill a node'];
    expectKept(await chaos('sqlite', 1, events), events);
  }, 600_000);
});
