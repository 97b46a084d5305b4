/** A visitor with time limits, which tells an answer from silence. */
import { type HttpVisitor, httpVisitor, textOf, type Visit } from '../support/http-visitor.ts';

const PATIENCE_MS = 15_000;

/** No answer, or one that says nothing about what was done (5xx). `touched`: the request may have reached a node. */
export type Interruption = Error & { interrupted: { touched: boolean; silent: boolean } };

export function interruption(message: string, about: Interruption['interrupted']): Interruption {
  return Object.assign(new Error(message), { interrupted: about });
}

export function isInterruption(error: unknown): error is Interruption {
  return error instanceof Error && 'interrupted' in error;
}

export type Browser = {
  address: string;
  page(): Visit;
  /** @throws Interruption */
  open(url: string): Promise<Visit>;
  press(action: string, fields?: Record<string, string>): Promise<Visit>;
  offers(action: string): boolean;
  /** the same person at the same browser, in another tab; where it stands if `stand` */
  twin(): Browser;
  /** what it keeps, to be shared between tabs */
  cookies(): Map<string, string>;
  words(): string;
};

let addresses = 0;

/** An address that no limit has heard of. */
export function freshAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** `onAnswer` hears of every page that was served. */
export function browserAt(issuer: string, onAnswer: () => void, address = freshAddress()): Browser {
  const newVisitor = () =>
    httpVisitor(
      { 'x-forwarded-for': address, 'accept-language': 'en' },
      { follow: (url) => url.startsWith(`${issuer}/`) },
    );
  return around(newVisitor());

  function around(visitor: HttpVisitor): Browser {
    const page = () => visitor.page();
    const judged = async (going: Promise<Visit>) => {
      const visit = await answerWithin(going);
      // what an address outside of Pedel shows is its own affair
      if (visit.status >= 500 && visit.url.startsWith(issuer))
        throw interruption(`${visit.status} at ${visit.url}`, {
          touched: !visit.html.includes('no node takes connections'),
          silent: false,
        });
      onAnswer();
      return visit;
    };
    return {
      address,
      page,
      open: (url) => judged(visitor.open(url)),
      press: (action, fields) => judged(visitor.press(action, fields)),
      offers: (action) => page().html.includes(`value="${action}"`),
      twin() {
        const other = newVisitor();
        for (const [key, value] of visitor.cookies) other.cookies.set(key, value);
        return around(other);
      },
      cookies: () => visitor.cookies,
      words: () => `${page().status} ${page().url}: ${textOf(page().html).slice(0, 300)}`,
    };
  }
}

/** One request of an application's own, with what it was answered. @throws Interruption */
export async function call(
  url: string,
  init: RequestInit,
): Promise<{ status: number; body: Record<string, unknown>; text: string }> {
  const asked = (async () => {
    const answer = await fetch(url, init);
    return { status: answer.status, text: await answer.text() };
  })();
  const { status, text } = await answerWithin(asked);
  if (status >= 500)
    throw interruption(`${status} at ${url}`, { touched: !text.includes('no node takes connections'), silent: false });
  return { status, text, body: text.startsWith('{') ? JSON.parse(text) : {} };
}

async function answerWithin<T>(going: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(interruption('no answer in time', { touched: true, silent: true })),
    PATIENCE_MS,
  );
  try {
    return await Promise.race([going, promise]);
  } catch (error) {
    if (isInterruption(error)) throw error;
    // only what the network did; anything else is a mistake of the test's
    if (error instanceof TypeError && error.message === 'fetch failed')
      throw interruption(`${error.message}: ${String(error.cause)}`, { touched: true, silent: false });
    if (error instanceof TypeError && error.message === 'terminated')
      throw interruption('cut off in the middle of an answer', { touched: true, silent: false });
    throw error;
  } finally {
    clearTimeout(timer);
    going.catch(() => {}); // no one waits for this answer
  }
}
