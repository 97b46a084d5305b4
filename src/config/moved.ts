/** The remedy for an option that is written in another way now, or never was one although somebody would look for it. */
import { affiliationRoles } from '../domain/feed/feed-columns.ts';

/** Undefined: nothing is known of such an option. `value`: what the file says. */
export function remedyForMoved(path: PropertyKey[], value: unknown): string | undefined {
  const [top, , name, , kind] = path;
  if (top !== 'organisations') return undefined;
  if (name === 'access' && kind === 'withdrawn')
    return 'remove it: access ends at the second in which a source says withdrawn';
  if (name === 'access' && path.length === 4) return `use one of ${[...affiliationRoles, 'default'].join(', ')}`;
  if (path.length !== 3) return undefined;
  const days = typeof value === 'number' ? value : 7;
  if (name === 'graceDays')
    return `write access: { default: { discontinued: P${days}D } } in its place (docs/upgrading.md)`;
  if (name === 'opensDays') return `write access: { default: { opens: P${days}D } } in its place (docs/upgrading.md)`;
  if (name === 'retain') return 'write it for each role: access: { default: { retain: P1Y } }';
  return undefined;
}
