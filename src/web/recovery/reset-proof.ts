/** What a password reset keeps from one request to the next. */
import { z } from 'zod';
import type { ResetStage } from '../../domain/passwords/reset.ts';
import type { Holder } from '../ticket-holder.ts';

/** What the browser keeps: the ticket, the factor that was proven here, and whether the reset is done. */
export const proofShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ticket'),
    accountId: z.string(),
    ticketId: z.string(),
    proven: z.object({ amr: z.array(z.string()), epoch: z.number() }).optional(),
    /** The challenge of the passkey question on the page. */
    challenge: z.string().optional(),
  }),
  z.object({ kind: z.literal('done'), accountId: z.string(), resume: z.string().optional() }),
]);
export type ResetProof = Extract<z.output<typeof proofShape>, { kind: 'ticket' }>;
/** A visitor who opened a link, as loaded for one request. */
export type Resetting = Holder & { proof: ResetProof; stage: ResetStage };
