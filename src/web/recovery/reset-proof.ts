/** What is known of who resets a password, from one request to the next. */
import { z } from 'zod';
import type { ResetStage } from '../../domain/passwords/reset.ts';
import type { Holder } from '../ticket-holder.ts';

/** What the browser of who resets keeps: whose link was opened, which factor was proven here, and that it is done. */
export const proofShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ticket'),
    accountId: z.string(),
    ticketId: z.string(),
    proven: z.object({ amr: z.array(z.string()), epoch: z.number() }).optional(),
    /** of the passkey question on the page now shown */
    challenge: z.string().optional(),
  }),
  z.object({ kind: z.literal('done'), accountId: z.string(), resume: z.string().optional() }),
]);
export type ResetProof = Extract<z.output<typeof proofShape>, { kind: 'ticket' }>;
/** Somebody who opened a link, as loaded for one request. */
export type Resetting = Holder & { proof: ResetProof; stage: ResetStage };
