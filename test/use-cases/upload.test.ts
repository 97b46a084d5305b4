/** A form with a file of people is read as it comes: whatever its pieces are, the same file comes out, and half of one never does. */
import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { readUpload } from '../../src/use-cases/import/upload.ts';

const BOUNDARY = '----WebKitFormBoundary7MA4YWxkTrZu0gW';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const field = (name: string, value: string) =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const fileOf = (content: string, name = 'people.csv') =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/csv\r\n\r\n${content}\r\n`;
const END = `--${BOUNDARY}--\r\n`;

/** In pieces of so many bytes. */
function* inPieces(text: string, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
async function read(text: string, size = 64, type = TYPE) {
  const { file, ...ticks } = await readUpload(Readable.from(inPieces(text, size), { objectMode: false }), type);
  const chunks: Buffer[] = [];
  for await (const chunk of file) chunks.push(chunk as Buffer);
  return { text: Buffer.concat(chunks).toString(), ...ticks };
}

/** What looks like a boundary, and is none. */
const CONTENT = `number,name\r\nr1,Zoë\r\n--${BOUNDARY.slice(0, -1)}\r\n\r\n--\r\n-${BOUNDARY}\r\n\r\n\r`;

test.each([1, 2, 3, 7, 40, 1000, 100_000])('in pieces of %d bytes', async (size) => {
  const form = `${field('partial', 'yes')}${fileOf(CONTENT)}${field('action', 'plan')}${END}`;
  expect(await read(form, size)).toEqual({ text: CONTENT, partial: true, withCredentials: false });
});

test('the form of a browser, as fetch writes it', async () => {
  const form = new FormData();
  form.set('with_credentials', 'yes');
  form.set('file', new File([CONTENT], 'my "people";name="partial".csv'));
  form.set('action', 'plan');
  const { headers, body } = new Response(form);
  const input = Readable.fromWeb(body as never);
  const { file, partial, withCredentials } = await readUpload(input, headers.get('Content-Type') ?? '');
  const chunks: Buffer[] = [];
  for await (const chunk of file) chunks.push(chunk as Buffer);
  expect([Buffer.concat(chunks).toString(), partial, withCredentials]).toEqual([CONTENT, false, true]);
});

const whole = `${field('partial', 'yes')}${fileOf(CONTENT)}`;
test.each([
  ['no file', field('partial', 'yes') + END, 'choose a file'],
  ['a file without a name or content', fileOf('', '') + END, 'choose a file'],
  ['a text where the file goes', field('file', 'x') + END, 'choose a file'],
  ['nothing', '', 'the form cannot be read'],
  ['no end', whole, 'the form cannot be read'],
  ['a cut within the file', whole.slice(0, -20), 'the form cannot be read'],
  ['a cut within the headers', whole.slice(0, 60), 'the form cannot be read'],
  ['a tick after the file', whole + field('with_credentials', 'yes') + END, 'something after its file'],
  ['a second file', whole + fileOf('x') + END, 'something after its file'],
  ['a tick of two thousand characters', field('partial', 'y'.repeat(2000)) + whole + END, 'the form cannot be read'],
  ['a hundred ticks', field('x', 'y').repeat(100) + whole + END, 'the form cannot be read'],
  ['endless headers', `--${BOUNDARY}\r\nX: ${'y'.repeat(10_000)}\r\n\r\nz\r\n${END}`, 'the form cannot be read'],
  ['a part without a name', `--${BOUNDARY}\r\n\r\nz\r\n${END}`, 'the form cannot be read'],
])('is refused with %s', async (_what, form, reason) => {
  await expect(read(form)).rejects.toThrow(reason);
});

test('is refused without a boundary', async () => {
  for (const type of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary="${'x'.repeat(80)}"`,
  ])
    await expect(read(whole + END, 64, type)).rejects.toThrow('the form cannot be read');
});

test('as it comes: a file of 200 MB is never held', async () => {
  const piece = Buffer.alloc(1 << 20, 'r0000001,Wout\n');
  async function* form() {
    yield Buffer.from(field('partial', 'yes') + fileOf('').slice(0, -2));
    for (let count = 0; count < 200; count += 1) yield piece;
    yield Buffer.from(`\r\n${END}`);
  }
  const { file } = await readUpload(Readable.from(form(), { objectMode: false }), TYPE);
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // a thread of V8's own gives dead buffers back, some time after they were found dead
  const held = async (enough: number) => {
    for (let tries = 1; ; tries += 1) {
      collect();
      const { arrayBuffers } = process.memoryUsage();
      if (arrayBuffers <= enough || tries === 40) return arrayBuffers;
      await setTimeout(25);
    }
  };
  const LIMIT = 10 << 20;
  let [bytes, most, looked] = [0, 0, 0];
  const before = await held(LIMIT);
  for await (const chunk of file) {
    bytes += (chunk as Buffer).length;
    if (bytes < looked + (20 << 20)) continue;
    looked = bytes;
    most = Math.max(most, (await held(before + LIMIT)) - before);
  }
  expect(bytes).toBe(200 << 20);
  expect(most).toBeLessThanOrEqual(LIMIT);
});
