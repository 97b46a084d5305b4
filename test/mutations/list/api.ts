/** The management API: who may call it, for what, and how often an act is done (rules 15, 20, 24, 30). */
import type { Mutation } from '../mutation.ts';

export const api: Mutation[] = [
  {
    id: 'management-api-for-people',
    rule: 15,
    file: 'src/oidc/resources.ts',
    search: "if (onBehalf === 'itself' && identifier === own.server.identifier) return own;",
    replace: 'if (identifier === own.server.identifier) return own;',
    why: 'what a person allows an application gives it the console',
  },
  {
    id: 'api-takes-any-audience',
    rule: 15,
    file: 'src/oidc/service-tokens.ts',
    search: ' || token.aud !== audience',
    replace: '',
    why: 'a token for a library opens the console',
  },
  {
    id: 'api-asks-no-scope',
    rule: 15,
    file: 'src/api/management/authority.ts',
    search: '|| actor.only?.includes(permission)) return;',
    replace: "|| actor.kind === 'client') return;",
    why: 'a token for reading the audit log is not told apart from one for applications',
  },
  {
    id: 'api-scope-is-no-bound',
    rule: 15,
    file: 'src/api/management/authority.ts',
    search: 'permissionsOf(token.scopes)',
    replace: "permissionsOf(['clients:read', 'clients:write', 'audit:read'])",
    why: 'a narrow token does all that the roles of its service allow',
  },
  {
    id: 'api-idempotency-of-everybody',
    rule: 15,
    file: 'src/api/management/idempotent.ts',
    search: '`${actor.id} ${key}`',
    replace: '`${key}`',
    why: 'whoever guesses a key reads what another service was answered',
  },
  {
    id: 'api-replay-shows-secrets',
    rule: 24,
    file: 'src/api/management/idempotent.ts',
    search: 'filter(([name]) => !secrets.includes(name))',
    replace: 'filter(([name]) => secrets !== undefined || name !== undefined)',
    why: 'secrets are kept in clear for a day, and shown again',
  },
  {
    id: 'api-cut-off-act-is-repeated',
    rule: 30,
    file: 'src/api/management/idempotent.ts',
    search: 'error instanceof Refused ||',
    replace: 'error instanceof Error ||',
    why: 'an act that was done and then cut off is done a second time',
  },
  {
    id: 'api-cursor-unchecked',
    rule: 30,
    file: 'src/api/management/paging.ts',
    search: 'if (sealer.macMatches(mac, FIELD, ...partsOf(of), text)) return JSON.parse(text);',
    replace:
      "if (sealer.macMatches(mac, FIELD, ...partsOf(of), text) || text.startsWith('\"')) return JSON.parse(text);",
    why: 'callers make up places in lists',
  },
  {
    id: 'api-body-twice',
    rule: 30,
    file: 'src/api/management/body.ts',
    search: 'if (errors.length > 0) throw malformed(errors);',
    replace: '',
    why: 'a member that stands there twice means one thing to us and another to who looked at it before',
  },
];
