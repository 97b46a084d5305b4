/** The contract of src/oidc/session.ts, in memory: a cookie, who it stands for, and a request that may be waiting. */
import { randomBytes } from 'node:crypto';
import type { CurrentSession, Sessions } from '../../src/oidc/session.ts';

type Started = { accountId: string; amr: string[]; epoch: number };

/** `now` in epoch ms. `waiting`: the URL that the next start resumes. */
export function sessionsInMemory(now: () => number) {
  const open = new Map<string, CurrentSession>();
  const started: Started[] = [];
  const state: { waiting?: string } = {};
  const sessions: Sessions = {
    current: async (ctx) => open.get(ctx.cookies.get('test_session') ?? ''),
    async start(ctx, login) {
      open.delete(ctx.cookies.get('test_session') ?? '');
      const uid = randomBytes(8).toString('hex');
      open.set(uid, { uid, ...login, authTime: Math.floor(now() / 1000) });
      started.push(login);
      ctx.append('Set-Cookie', `test_session=${uid}; Path=/; HttpOnly`);
      const { waiting } = state;
      delete state.waiting;
      return waiting;
    },
    signInUrl: (path) => `/auth?back=${encodeURIComponent(path)}`,
    renew: async () => {},
    async end(ctx) {
      open.delete(ctx.cookies.get('test_session') ?? '');
    },
    endAll: async () => 0,
  };
  return { sessions, open, started, state };
}
