/** The acts that are measured: what each needs beforehand, and what it does once. */
import { type Line, newJar } from './http.ts';
import { browserOf, DISCOVERY, type Target } from './target.ts';
import {
  ask,
  bearer,
  exchange,
  json,
  newNetwork,
  post,
  signIn,
  signOut,
  silent,
  type Tokens,
  type Visitor,
} from './visits.ts';

/** What one of the callers at once has at hand during a burst. */
export type Caller = { target: Target; line: Line; nextPerson(kind: 'password' | 'totp'): number };
/** `undefined` from the preparation's function: there is nothing left to do. */
type Prepared = () => Promise<void> | undefined;

export type Act = {
  /** in tables */
  title: string;
  /** `no-hash`: on processes whose passwords are all right at once; also where many sessions are needed beforehand */
  on: 'normal' | 'no-hash';
  /** how many at once; absent: as many as the run says */
  callers?: number;
  /** Not measured. @returns what is done again and again */
  prepare(caller: Caller): Promise<Prepared>;
};

export const acts = {
  silent: {
    title: 'silent sign-on and exchange',
    on: 'normal',
    async prepare(caller) {
      const { target, line } = caller;
      const { visitor, client } = await signedIn(caller);
      return async () => {
        const asked = ask(target, client);
        await exchange(target, line, client, await silent(target, visitor, asked), asked);
      };
    },
  },
  another: {
    title: '… to one that is new to the session',
    on: 'no-hash',
    async prepare(caller) {
      const { target, line } = caller;
      const waiting: { visitor: Visitor; client: string }[] = [];
      for (let n = 0; n < 2; n += 1) {
        const { visitor } = await signedIn(caller);
        waiting.push(...target.clients.slice(1).map((client) => ({ visitor, client })));
      }
      return () => {
        const next = waiting.pop();
        if (next === undefined) return undefined;
        const asked = ask(target, next.client);
        const join = async () => {
          const code = await silent(target, next.visitor, asked);
          await exchange(target, line, next.client, code, asked);
        };
        return join();
      };
    },
  },
  'no-hash': { title: 'sign-in without the hash', on: 'no-hash', prepare: signingIn('password') },
  'new-browser': {
    title: '… in a browser that is new to the account',
    on: 'no-hash',
    prepare: signingIn('password', 'new'),
  },
  password: { title: 'password sign-in', on: 'normal', prepare: signingIn('password') },
  totp: { title: 'sign-in with password and TOTP', on: 'normal', prepare: signingIn('totp') },
  alone: { title: 'password sign-in, one connection alone', on: 'normal', callers: 1, prepare: signingIn('password') },
  refresh: {
    title: 'refresh',
    on: 'normal',
    async prepare(caller) {
      const { target, line } = caller;
      const tokens = await signedInWithTokens(caller, { scope: 'openid offline_access', prompt: 'consent' });
      let token = tokens.refresh_token ?? '';
      return async () => {
        const fields = { grant_type: 'refresh_token', refresh_token: token };
        const { refresh_token, access_token } = await post(
          target,
          line,
          target.paths.token,
          target.clients[0] ?? '',
          fields,
        );
        if (typeof access_token !== 'string') throw new Error('no access token');
        if (typeof refresh_token === 'string') token = refresh_token;
      };
    },
  },
  userinfo: {
    title: 'userinfo',
    on: 'normal',
    async prepare(caller) {
      const { access_token } = await signedInWithTokens(caller);
      return async () => {
        const { email } = await bearer(caller.line, caller.target.paths.userinfo, access_token);
        if (email === undefined) throw new Error('no email address in userinfo');
      };
    },
  },
  introspection: {
    title: 'introspection',
    on: 'normal',
    async prepare(caller) {
      const { target, line } = caller;
      const { access_token: token } = await signedInWithTokens(caller);
      const client = target.clients[0] ?? '';
      return async () => {
        const { active } = await post(target, line, target.paths.introspection, client, { token });
        if (active !== true) throw new Error('the token is not active');
      };
    },
  },
  'sign-out': {
    title: 'sign-out',
    on: 'no-hash',
    async prepare(caller) {
      const { target, line } = caller;
      const waiting: { visitor: Visitor; client: string; idToken: string }[] = [];
      for (let n = 0; n < 6; n += 1) {
        const { visitor, client, code, asked } = await signedIn(caller);
        const { id_token: idToken } = await exchange(target, line, client, code, asked);
        waiting.push({ visitor, client, idToken });
      }
      return () => {
        const next = waiting.pop();
        return next && signOut(target, next.visitor, next.client, next.idToken);
      };
    },
  },
  discovery: { title: 'discovery', on: 'normal', prepare: reading(() => DISCOVERY, 'issuer') },
  jwks: { title: 'JWKS', on: 'normal', prepare: reading(({ paths }) => paths.jwks, 'keys') },
} satisfies Record<string, Act>;

export type ActName = keyof typeof acts;

/** A person in the browser that he or she keeps, where the target knows it; not signed in. */
export function visitorOf(target: Target, person: number, line: Line, network = newNetwork()): Visitor {
  return { line, jar: newJar(target.knowsBrowsers ? [browserOf(person).cookie] : []), network };
}

function signingIn(kind: 'password' | 'totp', browser: 'kept' | 'new' = 'kept'): Act['prepare'] {
  return async ({ target, line, nextPerson }) => {
    const [client = ''] = target.clients;
    return async () => {
      const person = nextPerson(kind);
      const visitor =
        browser === 'kept' ? visitorOf(target, person, line) : { line, jar: newJar(), network: newNetwork() };
      await signIn(target, visitor, ask(target, client), person);
    };
  };
}

async function signedIn({ target, line, nextPerson }: Caller, more: Record<string, string> = {}) {
  const [client = ''] = target.clients;
  const person = nextPerson('password');
  const visitor = visitorOf(target, person, line);
  const asked = ask(target, client, more);
  const code = await signIn(target, visitor, asked, person);
  return { visitor, client, code, asked };
}

async function signedInWithTokens(caller: Caller, more: Record<string, string> = {}): Promise<Tokens> {
  const { client, code, asked } = await signedIn(caller, more);
  return exchange(caller.target, caller.line, client, code, asked);
}

function reading(pathIn: (target: Target) => string, member: string): Act['prepare'] {
  return async ({ target, line }) => {
    const path = pathIn(target);
    return async () => {
      const document = json(await line.ask('GET', path, 'Accept: application/json\r\n'));
      if (document[member] === undefined) throw new Error(`no ${member} in ${path}`);
    };
  };
}
