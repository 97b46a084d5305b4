/** What a posted enrolment form means to the flow that embeds it. */
import type { NewFactor } from '../../domain/factors/factor.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import type { EnrolmentRefusal } from './enrolment-page.ts';

export type EnrolmentAnswer =
  | { kind: 'keep'; pending: PendingEnrolment }
  | { kind: 'refused'; refusal: EnrolmentRefusal }
  | { kind: 'later' }
  | { kind: 'proven'; factor: NewFactor }
  | { kind: 'kept' };
