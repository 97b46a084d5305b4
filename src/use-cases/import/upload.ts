/** Reads the form with which a browser uploads a file of people. */
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { UnreadableFeed } from './feed-text.ts';

/**
 * Node's own parser has the whole form in memory, so this runs in a process of its own, on no more than a form may have.
 * @param type the Content-Type, with the boundary
 * @throws UnreadableFeed
 */
export async function readUpload(
  input: Readable,
  type: string,
): Promise<{ file: Readable; partial: boolean; withCredentials: boolean }> {
  const body = Readable.toWeb(input) as ReadableStream<Uint8Array>;
  const form = await new Response(body, { headers: { 'Content-Type': type } }).formData().catch((error: Error) => {
    if (error instanceof UnreadableFeed) throw error;
    throw new UnreadableFeed('the form cannot be read: send it from the page again');
  });
  const file = form.get('file');
  if (!(file instanceof Blob) || file.size === 0) throw new UnreadableFeed('choose a file that is not empty');
  return {
    file: Readable.fromWeb(file.stream() as ReadableStream),
    partial: form.has('partial'),
    withCredentials: form.has('with_credentials'),
  };
}
