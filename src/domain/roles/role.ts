/** The roles in Pedel itself, who holds them, and which stands above which. */

/** In the order in which pages list them. */
export const roleNames = ['owner', 'client-administrator', 'people-administrator', 'desk', 'auditor'] as const;
export type RoleName = (typeof roleNames)[number];

/** A person by the id of the account, or a service client by its client id. */
export type RoleHolder = { kind: 'person' | 'client'; id: string };

export type RoleGrant = {
  /** random */
  id: string;
  holder: RoleHolder;
  role: RoleName;
  /** ids of organisations, sorted; `association`: all of them, and what belongs to none */
  organisations: 'association' | string[];
  /** id of the account or client that granted it; `command …` or `upgrade` where that was none */
  grantedBy: string;
  /** epoch ms */
  grantedAt: number;
};

/**
 * What a change of roles causes, kept with the change until it is done. `protect`: `Account.roles` is to say what is granted.
 * `tell-owners`: each of these people gets a letter about an owner that was made, or is one no more.
 */
export type RoleEffect =
  | { id: string; kind: 'protect'; account: string }
  | { id: string; kind: 'tell-owners'; change: 'granted' | 'ended'; holder: RoleHolder; owners: string[]; at: number };

/** Nobody acts on a higher one. An auditor changes nothing, so everybody who may change something may act on one. */
const ranks: Record<RoleName, number> = {
  owner: 3,
  'client-administrator': 2,
  'people-administrator': 2,
  desk: 1,
  auditor: 1,
};

export function isRoleName(text: string): text is RoleName {
  return (roleNames as readonly string[]).includes(text);
}

export function isHeldBy({ holder }: RoleGrant, { kind, id }: RoleHolder): boolean {
  return holder.kind === kind && holder.id === id;
}

/** Whether a grant holds at all of these: an organisation, several, or the association (undefined). */
export function covers(
  { organisations }: Pick<RoleGrant, 'organisations'>,
  wanted: RoleGrant['organisations'] | string | undefined,
): boolean {
  if (organisations === 'association') return true;
  if (wanted === undefined || wanted === 'association') return false;
  return (typeof wanted === 'string' ? [wanted] : wanted).every((id) => organisations.includes(id));
}

/** The highest of these roles, as a number to compare; 0: none. */
export function rankOf(grants: readonly Pick<RoleGrant, 'role'>[]): number {
  return Math.max(0, ...grants.map(({ role }) => ranks[role]));
}

/** The old roles of accounts, `owner` aside: what each became, association-wide. */
export const formerRoles: Record<string, RoleName[]> = {
  admin: ['client-administrator', 'people-administrator'],
  helpdesk: ['desk'],
};
