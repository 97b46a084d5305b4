/** An application's logout endpoint, over a real listener. */
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { listening } from './support.ts';

/** Answers as told, then 200, and keeps the logout tokens that it got. */
export async function receiver(answers: number[] = []): Promise<{ url: string; tokens: string[] }> {
  const tokens: string[] = [];
  const url = await listening(
    createServer(async (request: IncomingMessage, response) => {
      tokens.push(new URLSearchParams(await text(request)).get('logout_token') ?? '');
      response.writeHead(answers.shift() ?? 200, { location: 'http://127.0.0.1:9/' }).end('x');
    }),
  );
  return { url: `${url}/backchannel`, tokens };
}
