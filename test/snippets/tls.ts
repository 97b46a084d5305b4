/** TLS before a node: a certificate for a day, a proxy, and a browser's requests. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import { join } from 'node:path';

export type Certificate = { certFile: string; keyFile: string; cert: string; key: string };

/** Its own authority: put `certFile` into NODE_EXTRA_CA_CERTS, or give `cert` as `ca`. Made by openssl. */
export function aCertificate(folder: string): Certificate {
  const [certFile, keyFile] = [join(folder, 'fullchain.pem'), join(folder, 'key.pem')];
  const names = 'subjectAltName=DNS:localhost,DNS:idp.example.edu,IP:127.0.0.1';
  // RSA, which is what most proxies have: the suites of the examples must serve it
  const kind = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=idp.example.edu', '-addext', names];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', keyFile, '-out', certFile], { stdio: 'pipe' });
  return { certFile, keyFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

/** The plainest proxy with TLS: for what is not about proxies. */
export async function startTlsProxy({ port, to, cert, key }: { port: number; to: string } & Certificate) {
  const server = createServer({ cert, key }, (asked, answer) => {
    const headers = { ...asked.headers, 'x-forwarded-for': asked.socket.remoteAddress ?? '' };
    const onward = httpRequest(
      new URL(asked.url ?? '/', to),
      { method: asked.method ?? 'GET', headers },
      (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.rawHeaders);
        answered.pipe(answer);
      },
    );
    onward.on('error', () => answer.writeHead(502).end());
    asked.pipe(onward);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

/** `fetch` to one server whatever the name in the URL: what DNS and port 443 are elsewhere. Follows no redirect. */
export function fetchFrom({ port, cert }: { port: number; cert: string }): typeof fetch {
  return (input, { method = 'GET', headers, body } = {}) =>
    new Promise((resolve, reject) => {
      const asked = new Request(String(input), { method, headers: headers ?? {}, body: body ?? null });
      const { hostname, host, pathname, search } = new URL(asked.url);
      const onward = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          ca: cert,
          servername: hostname,
          method,
          path: `${pathname}${search}`,
          headers: { ...Object.fromEntries(asked.headers), ...Object.fromEntries(new Headers(headers)), host },
          maxHeaderSize: 256 * 1024, // as much as a browser takes
          agent: false,
        },
        async (answered) => {
          const chunks: Buffer[] = [];
          for await (const chunk of answered) chunks.push(chunk);
          const got = new Headers();
          for (const [name, values] of Object.entries(answered.headersDistinct))
            for (const value of values ?? []) got.append(name, value);
          resolve(new Response(Buffer.concat(chunks), { status: answered.statusCode ?? 0, headers: got }));
        },
      );
      onward.on('error', reject);
      asked.arrayBuffer().then((bytes) => onward.end(Buffer.from(bytes)), reject);
    });
}
