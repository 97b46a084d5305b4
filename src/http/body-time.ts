/**
 * How long the body of a request may take. Node has one limit for all requests and refuses without a word (`requestTimeout`,
 * which server.ts turns off). A file of people over a slow line needs longer than a form, and strangers must not get that time:
 * they would hold connections with a byte now and then.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { beside } from '../domain/beside.ts';
import { contained } from '../domain/contained.ts';
import { HttpError } from './http-error.ts';

export type BodyLimits = {
  /** for the whole body, of all who send no file */
  wholeMs: number;
  /** `leastBytes` of a file must arrive in each such span */
  spanMs: number;
  leastBytes: number;
  /** for a whole file, however it goes on */
  fileMs: number;
  /** how often all bodies under way are looked at: a timer for each would cost every request */
  lookMs: number;
};

const LIMITS: BodyLimits = { wholeMs: 30_000, spanMs: 30_000, leastBytes: 16_384, fileMs: 3_600_000, lookMs: 1000 };

/** The import says why nothing came of it, in these words or their Dutch (locales/nl/feed-sentences.ts); the first is of others. */
const sentences = {
  late: 'a body must arrive within 30 seconds',
  stalled: 'the upload came to a standstill',
  'too-long': 'the upload took too long',
  'node-ends': 'the node was stopped during the upload',
} as const;

/** What the rest of a body is not waited for any longer for. */
export class CutOff extends HttpError {
  override name = 'CutOff';
  readonly why: keyof typeof sentences;

  constructor(why: keyof typeof sentences) {
    super(why === 'node-ends' ? 503 : 408, 'too-slow');
    this.message = sentences[why];
    this.why = why;
  }
}

type Body = {
  request: IncomingMessage;
  response: ServerResponse;
  /** the request forgets it where reading it has failed */
  socket: IncomingMessage['socket'];
  /** by `performance.now()`; anew once it was answered or cut off */
  since: number;
  answered: boolean;
  cut?: CutOff;
  /** tells whoever reads it */
  fail?: (cut: CutOff) => void;
  file?: { controller: AbortController; bytes: number; at: number };
};

const bodies = beside<Body>('body');

/** What `reading` the body comes to. @throws CutOff once the body is not waited for any longer; and what `reading` throws */
export function inTime<Result>(request: IncomingMessage, reading: Promise<Result>): Promise<Result> {
  const body = bodies.get(request);
  if (body === undefined) return reading;
  return new Promise((resolve, reject) => {
    reading.then(resolve, reject);
    if (body.cut !== undefined) reject(body.cut);
    body.fail = reject;
  });
}

/**
 * From now on the body has the time of a file: only for somebody who has proved who it is.
 * @returns aborted with a CutOff once the rest is not waited for any longer; undefined: nothing watches this request
 */
export function asFile(request: IncomingMessage): AbortSignal | undefined {
  const body = bodies.get(request);
  if (body === undefined) return undefined;
  body.file ??= { controller: new AbortController(), bytes: body.socket.bytesRead, at: performance.now() };
  if (body.cut !== undefined) body.file.controller.abort(body.cut);
  return body.file.controller.signal;
}

export type BodyTimes = {
  /** Call it with each request before anything else. */
  watch(request: IncomingMessage, response: ServerResponse): void;
  /** The node ends before a file may have arrived: whoever sends one is told so. */
  endFiles(): void;
};

/** @param change of the limits, only in tests */
export function createBodyTimes(
  log: Record<'info' | 'error', (fields: object, message: string) => void>,
  change: Partial<BodyLimits> = {},
): BodyTimes {
  const { wholeMs, spanMs, leastBytes, fileMs, lookMs } = { ...LIMITS, ...change };
  const open = new Set<Body>();
  let looking: NodeJS.Timeout | undefined;

  function cutOff(body: Body, why: CutOff['why']): void {
    const { request, response, file, fail, socket } = body;
    body.cut = new CutOff(why);
    body.since = performance.now();
    response.shouldKeepAlive = false; // what is left would be taken for the next request
    if (file !== undefined) file.controller.abort(body.cut);
    else if (fail !== undefined) fail(body.cut);
    else if (response.headersSent) socket.destroy();
    else {
      // the library reads, which cannot be told, or nobody reads yet
      log.info({ method: request.method, status: 408 }, `a request was refused: ${body.cut.message}`);
      response.statusCode = 408;
      response.setHeader('Content-Type', 'application/json');
      response.setHeader('Cache-Control', 'no-store');
      response.end(JSON.stringify({ error: 'invalid_request', error_description: body.cut.message }));
    }
  }

  function judge(body: Body, now: number): void {
    const { request, response, socket, file } = body;
    if (request.complete || socket.destroyed) return void open.delete(body);
    if (response.writableEnded && !body.answered) {
      body.answered = true;
      body.since = now;
    }
    const took = now - body.since;
    if (body.answered || body.cut !== undefined) {
      if (took >= wholeMs) socket.destroy(); // nobody listens there
    } else if (file === undefined) {
      if (took >= wholeMs) cutOff(body, 'late');
    } else {
      // what has arrived and waits for us is no fault of whoever sends
      if (socket.bytesRead - file.bytes >= leastBytes || request.readableLength > 0) {
        file.bytes = socket.bytesRead;
        file.at = now;
      }
      if (took >= fileMs) cutOff(body, 'too-long');
      else if (now - file.at >= spanMs) cutOff(body, 'stalled');
    }
  }

  const look = contained(
    () => {
      const now = performance.now();
      for (const body of open) judge(body, now);
      if (open.size > 0) return;
      clearInterval(looking);
      looking = undefined;
    },
    (err) => log.error({ err }, 'bodies under way could not be looked at'),
  );

  return {
    watch(request, response) {
      const { headers, socket } = request;
      if (headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)) return;
      const body: Body = { request, response, socket, since: performance.now(), answered: false };
      bodies.set(request, body);
      open.add(body);
      // most have arrived by then, and are let go at once
      response.once('close', () => {
        if (request.complete) open.delete(body);
      });
      looking ??= setInterval(look, lookMs).unref();
    },
    endFiles() {
      for (const body of open)
        if (body.file !== undefined && !body.request.complete && body.cut === undefined) cutOff(body, 'node-ends');
    },
  };
}
