/** A minimal browser: one cookie jar for all of localhost, redirects, forms, no script. */
export type Page = { url: URL; status: number; html: string };

export function openBrowser() {
  const jar = new Map<string, { value: string; path: string }>();

  async function request(url: URL, init: RequestInit): Promise<Response> {
    const cookies = [...jar]
      .filter(([, { path }]) => url.pathname.startsWith(path))
      .map(([name, { value }]) => `${name}=${value}`);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, cookie: cookies.join('; ') },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(/;\s*/);
      const name = pair.slice(0, pair.indexOf('='));
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/';
      const expires = attributes.find((attribute) => /^expires=/i.test(attribute))?.slice(8);
      if (expires && Date.parse(expires) < Date.now()) jar.delete(name);
      else jar.set(name, { value: pair.slice(pair.indexOf('=') + 1), path });
    }
    return response;
  }

  async function go(to: string | URL, init: RequestInit = {}): Promise<Page> {
    let url = new URL(to);
    let response = await request(url, init);
    for (let hops = 0; response.status >= 300 && response.status < 400 && hops < 15; hops += 1) {
      url = new URL(String(response.headers.get('location')), url);
      response = await request(url, {});
    }
    return { url, status: response.status, html: await response.text() };
  }

  return {
    jar,
    go,
    /** Posts the form with its hidden fields, or the fields given; as a browser does, with the site it comes from. */
    async submit(page: Page, fields: Record<string, string> = {}): Promise<Page> {
      const form = /<form[^>]*method="post"[^>]*>[\s\S]*?<\/form>/i.exec(page.html)?.[0] ?? '';
      const action = /action="([^"]*)"/.exec(form)?.[1] ?? '';
      const hidden = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
        /name="([^"]*)"/.exec(input)?.[1] ?? '',
        /value="([^"]*)"/.exec(input)?.[1] ?? '',
      ]);
      const url = new URL(action.replaceAll('&amp;', '&'), page.url);
      const body = new URLSearchParams([...hidden, ...Object.entries(fields)] as [string, string][]);
      const site = url.origin === page.url.origin ? 'same-origin' : 'same-site';
      return go(url, { method: 'POST', body, headers: { 'Sec-Fetch-Site': site } });
    },
  };
}
