/**
 * The process that answers documents as fast as Node can: `http.ts PORT FILE`, a JSON object of paths and their bodies. It
 * ends with the process that started it.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [port = '', file = ''] = process.argv.slice(2);
const documents = new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>));

createServer(({ url = '' }, response) => {
  const body = documents.get(url);
  if (body === undefined) return response.writeHead(404).end();
  response
    .writeHead(200, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'public, max-age=3600',
    })
    .end(body);
}).listen(Number(port), '127.0.0.1');
process.stdin.on('end', () => process.exit()).resume();
process.on('SIGTERM', () => process.exit());
