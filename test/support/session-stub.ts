/** The contract of src/oidc/sign-in/session.ts in memory: the cookie `stub` signs a browser in. */
import type { CurrentSession, Sessions } from '../../src/oidc/sign-in/session.ts';

export function stubSessions() {
  const open = new Map<string, CurrentSession>();
  const ended: string[] = [];
  const of = (ctx: Parameters<Sessions['current']>[0]) => open.get(ctx.cookies.get('stub') ?? '');
  const sessions: Sessions = {
    current: async (ctx) => of(ctx),
    start: async () => undefined,
    signInUrl: (path, options = {}) => {
      const asked = Object.entries(options).map(([name, value]): [string, string] => [name, String(value)]);
      return `/auth?${new URLSearchParams([['back', path], ...asked])}`;
    },
    async renew(ctx, epoch, amr) {
      const session = of(ctx);
      if (session !== undefined) Object.assign(session, { epoch }, amr === undefined ? {} : { amr });
    },
    resume: async () => undefined,
    async end(ctx) {
      const name = ctx.cookies.get('stub') ?? '';
      if (open.delete(name)) ended.push(name);
    },
    endAll: async () => 0,
    endExpired: async () => ({ ended: 0, failures: [] }),
  };
  return { sessions, open, ended };
}
