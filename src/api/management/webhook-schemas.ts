/** The shapes of webhooks in the API. */
import { z } from 'zod';
import { id, identifier, listOf, shape, time } from './schemas.ts';

const webhookAsked = {
  url: z.string().min(1).max(2000),
  events: z.array(z.string().min(1).max(100)).min(1).max(100),
  contact: z.string().min(3).max(254),
  note: z.string().max(200).optional(),
};
const webhookMembers = {
  ...webhookAsked,
  id,
  client: z.string().optional().meta({ description: 'the client whose events it hears; absent: the association' }),
  state: z.enum(['enabled', 'disabled']),
  disabled_because: z.enum(['operator', 'gave-up', 'gone']).optional(),
  made_at: time,
  changed_at: time,
};
export const webhookShape = shape('Webhook', z.strictObject(webhookMembers));
export const webhookList = listOf('WebhookList', webhookShape);
export const webhookAskedShape = shape(
  'WebhookAsked',
  z.strictObject({ ...webhookAsked, client: identifier.optional() }),
);
export const webhookChangeShape = shape('WebhookChange', z.strictObject(webhookAsked).partial());
export const webhookMadeShape = shape(
  'WebhookMade',
  z.strictObject({ ...webhookMembers, secret: z.string().optional().meta({ description: 'shown only once' }) }),
);
export const webhookTestedShape = shape(
  'WebhookTested',
  z.strictObject({
    accepted: z.boolean(),
    status: z.int().optional().meta({ description: 'of the answer; absent: there was none' }),
    reason: z.string().optional().meta({ description: 'why the message was not accepted' }),
  }),
);
