/** A web application with Authlib (python/authlib_app.py), which answers with what it knows of who signed in. */
import { fileURLToPath } from 'node:url';
import { httpVisitor } from '../support/http-visitor.ts';
import needs from '../support/needs.cjs';
import { type Person, type Product, signedIn } from '../support/product.ts';
import { answers, startForeign } from './foreign.ts';

const script = fileURLToPath(new URL('python/authlib_app.py', import.meta.url));

/** `environment`: beside its port, what the application reads. */
export async function startAuthlib(port: number, environment: Record<string, string>, cwd?: string) {
  const address = `http://localhost:${port}`;
  const started = await startForeign({
    command: needs.applications.authlib ?? '',
    args: [script],
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...environment, APP_PORT: String(port) },
    ready: () => answers(`${address}/nowhere`),
  });
  return {
    stop: started.stop,
    /** Signs in there, and returns what it knows of the person. */
    async known(product: Product, person: Person): Promise<Record<string, unknown>> {
      const browser = httpVisitor();
      await signedIn(product, browser, `${address}/`, person);
      const { status, html } = browser.page();
      if (status !== 200) throw new Error(`${status}:\n${html}\n${started.output()}`);
      return JSON.parse(html);
    },
  };
}
