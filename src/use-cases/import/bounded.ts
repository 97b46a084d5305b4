/** A stream that fails beyond a number of bytes. */
import { Readable } from 'node:stream';

export class TooManyBytes extends Error {
  override name = 'TooManyBytes';
}

export function bounded(input: Readable, most: number): Readable {
  async function* counted() {
    let bytes = 0;
    // who reads no further still answers on the same connection
    for await (const chunk of input.iterator({ destroyOnReturn: false })) {
      bytes += chunk.length;
      if (bytes > most) throw new TooManyBytes(`the file is larger than ${Math.floor(most / 1_048_576)} MB`);
      yield chunk;
    }
  }
  return Readable.from(counted(), { objectMode: false });
}
