/** What the pages about people say: roles at organisations, and where an account stands. */
import type Koa from 'koa';
import type { MessageKey } from '../../../locales/index.ts';
import type { PersonState } from '../../domain/desk/person-state.ts';
import { affiliationRoles } from '../../domain/feed/feed-columns.ts';
import type { Badge } from '../../http/console-heading.ts';
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';

export const PEOPLE = '/admin/people';
export const personPath = (id: string) => `${PEOPLE}/${encodeURIComponent(id)}`;

const states = {
  'not-invited': ['neutral', 'consolePeople.state_not_invited'],
  invited: ['warn', 'consolePeople.state_invited'],
  active: ['good', 'consolePeople.state_active'],
  'not-yet': ['note', 'consolePeople.state_not_yet'],
  suspended: ['danger', 'consolePeople.state_suspended'],
  ended: ['danger', 'consolePeople.state_ended'],
} as const satisfies Record<PersonState['kind'] | 'suspended', [Badge['tone'], MessageKey]>;

export type PeopleWords = ReturnType<typeof createPeopleWords>;

export function createPeopleWords({ pages, organisations }: Pick<Web, 'pages' | 'organisations'>) {
  const organisation = (ctx: Koa.Context, id: string) =>
    organisations.find((each) => each.id === id)?.name[languageOf(ctx)] ?? id;
  const role = (ctx: Koa.Context, name: string) =>
    affiliationRoles.includes(name) ? pages.t(ctx)(`account.role_${name as 'student'}`) : name;

  return {
    organisation,
    role,
    /** "Student (KU Leuven)" */
    affiliation: (ctx: Koa.Context, each: { organisation: string; role: string }) =>
      `${role(ctx, each.role)} (${organisation(ctx, each.organisation)})`,
    states: Object.keys(states) as PersonState['kind'][],
    stateOf(ctx: Koa.Context, { kind }: { kind: keyof typeof states }): Badge {
      const [tone, key] = states[kind];
      return { tone, label: pages.t(ctx)(key) };
    },
  };
}
