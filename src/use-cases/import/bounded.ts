/** A stream that fails beyond a number of bytes, and once the rest is not waited for any longer. */
import { finished, Readable } from 'node:stream';

export class TooManyBytes extends Error {
  override name = 'TooManyBytes';
}

/**
 * Reads no more of `input` than somebody reads here, and never destroys it: who reads no further still answers on the same
 * connection.
 * @param cut fails it with the reason at once, also while nothing arrives
 */
export function bounded(input: Readable, most: number, cut?: AbortSignal): Readable {
  let bytes = 0;
  let begun = false;
  const take = (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) output.destroy(new TooManyBytes(`the file is larger than ${Math.floor(most / 1_048_576)} MB`));
    else if (!output.push(chunk)) input.pause();
  };
  const output = new Readable({
    read() {
      if (begun) return void input.resume();
      begun = true;
      input.on('data', take);
      finished(input, { writable: false }, (error) => {
        if (error) output.destroy(error);
        else output.push(null);
      });
    },
    destroy(error, done) {
      input.off('data', take).pause();
      done(error);
    },
  });
  output.on('error', () => {}); // perhaps nobody reads it by then, which must not end the process
  if (cut?.aborted) output.destroy(cut.reason);
  cut?.addEventListener('abort', () => output.destroy(cut.reason), { once: true });
  return output;
}
