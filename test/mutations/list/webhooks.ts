/** Webhooks: nothing is lost, nothing is told to whom it is no business of, no secret is readable. */
import type { Mutation } from '../mutation.ts';

export const webhooks: Mutation[] = [
  {
    id: 'webhook-of-client-hears-others',
    rule: 15,
    file: 'src/domain/webhooks/events.ts',
    search: 'if (webhook.client !== undefined && webhook.client !== event.client) return false;',
    replace: '',
    why: 'the webhook of one application hears of every other',
  },
  {
    id: 'webhook-place-before-messages',
    rule: 28,
    file: 'src/use-cases/webhooks/announce.ts',
    search: 'for (const { entry, event } of events) put += await tell(listening, entry, event, deps);',
    replace:
      'await moveHeard(values, { at: now(), chains: { ...chains, [node]: end } }, text);\n      for (const { entry, event } of events) put += await tell(listening, entry, event, deps);',
    why: 'a node that dies between place and messages loses events',
  },
  {
    id: 'webhook-id-of-attempt',
    rule: 28,
    file: 'src/domain/webhooks/message.ts',
    search: 'JSON.stringify([webhook, entry])',
    replace: 'JSON.stringify([webhook, entry, Math.random()])',
    why: 'what is told again has another id, so that no receiver notices the repetition',
  },
  {
    id: 'webhook-old-secret-signs',
    rule: 25,
    file: 'src/domain/webhooks/webhook.ts',
    search: 'index === 0 || now < endsAt',
    replace: 'index < 2 || now < endsAt',
    why: 'a secret that was rotated away signs for ever',
  },
  {
    id: 'webhook-hears-the-past',
    rule: 28,
    file: 'src/domain/webhooks/events.ts',
    search: ' || event.at < webhook.hearsFrom',
    replace: '',
    why: 'what happened before a webhook was made, or while it was disabled, is sent to it',
  },
  {
    id: 'webhook-never-disabled',
    rule: 18,
    file: 'src/jobs/webhooks.ts',
    search: "await disable(id, 'gave-up');",
    replace: 'return;',
    why: 'an address that answers nobody is called for ever, and nobody is told',
  },
  {
    id: 'webhook-takes-all-slots',
    rule: 30,
    file: 'src/jobs/webhooks.ts',
    search: 'noteFailure(webhook.id);',
    replace: '',
    why: 'one dead receiver keeps the others waiting',
  },
];
