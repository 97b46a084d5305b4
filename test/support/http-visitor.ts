/** A browser without a screen (cookies, redirects and forms over fetch), for stories that are fast, many or interrupted. */

export type Visit = { url: string; status: number; html: string; headers: Headers };

export type HttpVisitor = {
  /** follows redirects as a browser does; stays where it lands */
  open(url: string, options?: { follow?: (url: string) => boolean }): Promise<Visit>;
  /** submits the form of the page it is on that has this button, with hidden fields as they stand */
  press(action: string, fields?: Record<string, string>): Promise<Visit>;
  /** sends a form with exactly these fields, whatever page it is on: a button with an address of its own, or an attack */
  send(url: string, fields: Record<string, string>): Promise<Visit>;
  /** sends a form, whatever the page has */
  post(url: string, body: URLSearchParams): Promise<Visit>;
  /** another window of this browser, with the cookies of now */
  twin(): HttpVisitor;
  /** sends what it sent last once more, a form too, as reloading does */
  reload(): Promise<Visit>;
  /** the hidden fields of the first form that is posted to this address (as `form_post` does by script) */
  hiddenFields(target: string): Record<string, string> | undefined;
  page(): Visit;
  cookies: Map<string, string>;
};

const COOKIE_HOST = (url: string) => new URL(url).hostname; // ports share one jar, as in browsers

/**
 * `headers`: what this browser adds to each request (an X-Forwarded-For, a language). `follow`: which redirects it goes
 * along with, where a visit does not say; with an application that only exists by name it stops before it. `fetch`: another
 * way to the servers; it follows no redirects.
 */
export function httpVisitor(
  headers: Record<string, string> = {},
  {
    follow = () => true,
    fetch = globalThis.fetch,
  }: { follow?: (url: string) => boolean; fetch?: typeof globalThis.fetch } = {},
): HttpVisitor {
  const cookies = new Map<string, string>(); // 'host name path' -> value
  let current: Visit = { url: 'about:blank', status: 0, html: '', headers: new Headers() };

  const cookieHeader = (url: string) => {
    const { pathname } = new URL(url);
    return [...cookies]
      .filter(([key]) => {
        const [host, , path = '/'] = key.split(' ');
        return (
          host === COOKIE_HOST(url) &&
          (pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
        );
      })
      .map(([key, value]) => `${key.split(' ')[1]}=${value}`)
      .join('; ');
  };

  function keep(url: string, answer: Response): void {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const name = pair.slice(0, pair.indexOf('='));
      const value = pair.slice(pair.indexOf('=') + 1);
      const attribute = (wanted: string) =>
        attributes.find((each) => each.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const key = `${COOKIE_HOST(url)} ${name} ${attribute('path') ?? '/'}`;
      const expires = attribute('expires');
      const gone =
        value === '' || attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
      if (gone) cookies.delete(key);
      else cookies.set(key, value);
    }
  }

  let last: Parameters<typeof go> | undefined;

  async function go(url: string, init: RequestInit, follows: (url: string) => boolean): Promise<Visit> {
    last = [url, init, follows];
    let target = url;
    let request = init;
    for (let hops = 0; hops < 20; hops += 1) {
      const answer = await fetch(target, {
        ...request,
        redirect: 'manual',
        headers: {
          'sec-fetch-site': 'same-origin',
          cookie: cookieHeader(target),
          ...headers,
          ...(request.headers as object),
        },
      });
      keep(target, answer);
      const location = answer.headers.get('location');
      if (location === null || answer.status < 300 || answer.status >= 400) {
        current = { url: target, status: answer.status, html: await answer.text(), headers: answer.headers };
        return current;
      }
      await answer.body?.cancel();
      target = new URL(location, target).href;
      request = {};
      last = [target, request, follows];
      if (!follows(target)) {
        current = { url: target, status: answer.status, html: '', headers: answer.headers };
        return current;
      }
    }
    throw new Error(`too many redirects, the last to ${target}`);
  }

  return {
    cookies,
    page: () => current,
    open: (url, options = {}) =>
      go(new URL(url, current.url === 'about:blank' ? undefined : current.url).href, {}, options.follow ?? follow),
    press(action, fields = {}) {
      const form = formWith(current.html, action);
      if (form === undefined)
        throw new Error(`no button ${action} on ${current.url} (${current.status}):\n${textOf(current.html)}`);
      const body = new URLSearchParams([...Object.entries({ ...form.hidden, ...fields }), ['action', action]]);
      return go(new URL(form.target || current.url, current.url).href, { method: 'POST', body }, follow);
    },
    send: (url, fields) =>
      go(new URL(url, current.url).href, { method: 'POST', body: new URLSearchParams(fields) }, follow),
    post: (url, body) => go(new URL(url, current.url).href, { method: 'POST', body }, follow),
    twin() {
      const other = httpVisitor(headers, { follow, fetch });
      for (const [key, value] of cookies) other.cookies.set(key, value);
      return other;
    },
    reload() {
      if (last === undefined) throw new Error('nothing was asked yet');
      return go(...last);
    },
    hiddenFields: (target) =>
      formsOf(current.html).find((form) => new URL(form.target || current.url, current.url).href === target)?.hidden,
  };
}

/** The words of a page, for messages. */
export function textOf(html: string): string {
  return decoded(html.replace(/<(style|script|svg)[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();
}

type Form = { id: string | undefined; target: string; hidden: Record<string, string>; html: string };

/** The form that this button submits: the one around it, or the one it names (HTML, 4.10.18.3). */
function formWith(html: string, action: string): Form | undefined {
  const button = new RegExp(`<button[^>]*\\bvalue="${action}"[^>]*>`);
  const owner = /\bform="([^"]*)"/.exec(button.exec(html)?.[0] ?? '')?.[1];
  return formsOf(html).find((form) => (owner === undefined ? button.test(form.html) : form.id === owner));
}

function formsOf(html: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>[\s\S]*?<\/form>/g)].map(([form, attributes = '']) => {
    const hidden: Record<string, string> = {};
    for (const [input] of form.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
      const name = /\bname="([^"]*)"/.exec(input)?.[1];
      if (name !== undefined) hidden[name] = decoded(/\bvalue="([^"]*)"/.exec(input)?.[1] ?? '');
    }
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
    return { id: attribute('id'), target: decoded(attribute('action') ?? ''), hidden, html: form };
  });
}

function decoded(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}
