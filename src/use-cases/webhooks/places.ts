/** How many webhooks there may be, decided where several are added at once: each takes a place in one value before it is stored. */
import type { Values } from '../../domain/ports/values.ts';
import type { Webhook, Webhooks } from '../../domain/ports/webhooks.ts';
import { MOST_OF_CLIENT, MOST_WEBHOOKS } from '../../domain/webhooks/webhook.ts';

const NAME = 'webhook-places';
/** Much longer than it takes to store a webhook; a place of a process that died meanwhile is free afterwards. */
const HELD_MS = 10 * 60_000;
const ATTEMPTS = 100;

/** One that is about to be stored. `at`: epoch ms. */
type Place = { id: string; client?: string; at: number };

/**
 * False: the association, or the client of this webhook, has as many as are allowed. Places are read before the webhooks, so that
 * one that is stored in between is counted once, and never not at all.
 * @throws Error where others were faster a hundred times
 */
export async function takePlace(
  wanted: Pick<Webhook, 'id' | 'client'>,
  {
    webhooks,
    values,
    now,
  }: { webhooks: Pick<Webhooks, 'list'>; values: Pick<Values, 'get' | 'replace'>; now: () => number },
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = await values.get(NAME);
    const places = before === undefined ? [] : (JSON.parse(before) as Place[]);
    const stored = await all(webhooks);
    const held = places.filter(({ id, at }) => now() - at < HELD_MS && !stored.some((each) => each.id === id));
    const there = [...stored, ...held].filter(({ id }) => id !== wanted.id);
    const ofClient = there.filter(({ client }) => client !== undefined && client === wanted.client).length;
    if (there.length >= MOST_WEBHOOKS || ofClient >= MOST_OF_CLIENT) return false;
    const taken: Place = {
      id: wanted.id,
      ...(wanted.client === undefined ? {} : { client: wanted.client }),
      at: now(),
    };
    const after = [...held.filter(({ id }) => id !== wanted.id), taken];
    if (await values.replace(NAME, JSON.stringify(after), before)) return true;
  }
  throw new Error('others were faster each time');
}

/** Every webhook, by id. */
export async function all(webhooks: Pick<Webhooks, 'list'>): Promise<Webhook[]> {
  const found: Webhook[] = [];
  for (;;) {
    const page = await webhooks.list(found.at(-1)?.id, MOST_WEBHOOKS);
    found.push(...page);
    if (page.length < MOST_WEBHOOKS) return found;
  }
}
