/** What a rule about several members of a registration is: it looks at all of them and refuses one with a remedy. */
import type { ClientMemberName, ClientMetadata } from './client-members.ts';

/** A registration with what its profile implies and the defaults of the registry. */
export type CompleteMetadata = ClientMetadata & Required<Pick<ClientMetadata, NeverAbsent>>;
type NeverAbsent =
  | 'application_type'
  | 'redirect_uris'
  | 'post_logout_redirect_uris'
  | 'response_types'
  | 'grant_types'
  | 'token_endpoint_auth_method'
  | 'scope'
  | 'subject_type';

/** `value`: what is at fault; without it, the member as it was given. */
export type Refuse = (member: ClientMemberName, remedy: string, value?: unknown) => void;
/** `given` also has the members that are faulty by themselves, and none that were not named. */
export type ContradictionRule = (
  client: CompleteMetadata,
  given: Record<string, unknown>,
  refuse: Refuse,
  /** as it was stored, if it is there already */
  before?: Record<string, unknown>,
) => void;
