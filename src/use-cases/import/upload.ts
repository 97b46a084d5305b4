/** Reads the form with which a browser uploads a file of people: its ticks, and then the file as it comes. */
import { Readable } from 'node:stream';
import { UnreadableFeed } from './feed-text.ts';
import { MalformedForm, type Part, partsOf, textOf } from './multipart.ts';

/** Ticks that decide what the file means: after it they would come too late. */
const ticks = ['partial', 'with_credentials'] as const;
const MOST_OF_A_FIELD = 1000;

/**
 * The file goes on as long as somebody reads it, and fails where the form breaks off.
 * @param type the Content-Type, with the boundary
 * @throws UnreadableFeed
 */
export async function readUpload(
  input: Readable,
  type: string,
): Promise<{ file: Readable; partial: boolean; withCredentials: boolean }> {
  const parts = partsOf(input, type);
  const ticked = new Set<string>();
  const file = await told(async () => {
    for (;;) {
      const { value: part } = await parts.next();
      if (part === undefined) return undefined;
      if (part.name === 'file' && part.isFile) return part;
      await textOf(part, MOST_OF_A_FIELD);
      ticked.add(part.name);
    }
  });
  const first = file && (await told(() => file.content.next()));
  if (file === undefined || first === undefined || first.done)
    throw new UnreadableFeed('choose a file that is not empty');
  return {
    file: Readable.from(wholeFile(first.value, file, parts), { objectMode: false }),
    partial: ticked.has('partial'),
    withCredentials: ticked.has('with_credentials'),
  };
}

/** To the end of the form: what is cut off within it is half a file. */
async function* wholeFile(first: Buffer, { content }: Part, parts: AsyncGenerator<Part>): AsyncGenerator<Buffer> {
  yield first;
  for (;;) {
    const { value, done } = await told(() => content.next());
    if (done) break;
    yield value;
  }
  for (;;) {
    const { value: part } = await told(() => parts.next());
    if (part === undefined) return;
    if ((ticks as readonly string[]).includes(part.name) || part.isFile)
      throw new UnreadableFeed('the form has something after its file: send it from the page again');
  }
}

async function told<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MalformedForm)
      throw new UnreadableFeed('the form cannot be read: send it from the page again');
    throw error;
  }
}
