/**
 * Lets in all who wait for a connection before anything more is answered. Node accepts one connection in a turn of its event
 * loop. A turn in which nobody is answered takes a fraction of a millisecond; under load one takes 10 ms and more, and the
 * last of a hundred newcomers would wait for a second before a word is read of what they ask (docs/performance.md).
 */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

/** However many come, those who are in wait no longer for them. */
const LONGEST_MS = 25;

/** @returns what listens to the requests of this server in place of `listener` */
export function newcomersFirst(server: Server, listener: RequestListener): RequestListener {
  let lettingIn = false;
  let came = false;
  let since = 0;
  let asked: [IncomingMessage, ServerResponse][] = [];

  function look(): void {
    if (came && performance.now() - since < LONGEST_MS) {
      came = false;
      setImmediate(look);
      return;
    }
    lettingIn = false;
    // one after another, so that whoever is answered quickly need not wait for all the others
    for (const each of asked) setImmediate(answer, ...each);
    asked = [];
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (!response.closed) listener(request, response); // else whoever asked has left
  }

  server.on('connection', () => {
    came = true;
    if (lettingIn) return;
    lettingIn = true;
    since = performance.now();
    setImmediate(look);
  });
  return (request, response) => {
    if (lettingIn) asked.push([request, response]);
    else listener(request, response);
  };
}
