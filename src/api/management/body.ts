/** Reads the JSON of a request: bounded in size and depth, every member once, no null bytes; all faults are named at once. */
import type { Readable } from 'node:stream';
import parse from 'co-body';
import type Koa from 'koa';
import type { z } from 'zod';
import { asFile, CutOff, inTime } from '../../http/body-time.ts';
import { bounded } from '../../use-cases/import/bounded.ts';
import { type ProblemError, pointerTo, Refused } from './problem.ts';

const LARGEST_BYTES = 256 * 1024;
const DEEPEST = 20;
/** Two million rows. */
const LARGEST_UPLOAD = 512 * 1024 * 1024;
const UPLOAD_TOO_LARGE = 'a file has 512 MB at most';

/** @throws Refused `unsupported-media-type`, `too-large`, `too-slow`, `malformed` */
export async function readBody(
  ctx: Koa.Context,
  types: readonly string[],
  largestBytes = LARGEST_BYTES,
): Promise<unknown> {
  checkType(ctx, types);
  const charset = /charset=\s*"?([\w-]+)/i.exec(ctx.get('Content-Type'))?.[1] ?? 'utf-8';
  if (charset.toLowerCase() !== 'utf-8') throw new Refused('unsupported-media-type');
  return readJson(await textOf(ctx, largestBytes));
}

function checkType(ctx: Koa.Context, types: readonly string[]): void {
  const type = ctx.get('Content-Type').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!types.includes(type)) throw new Refused('unsupported-media-type', { headers: accepting(ctx.method, types) });
  if (!['', 'identity'].includes(ctx.get('Content-Encoding'))) throw new Refused('unsupported-media-type');
}

/**
 * The body as it comes, for who reads it bit by bit, with the time that a file has; beyond `LARGEST_UPLOAD` it fails. Only once
 * it is known who calls.
 * @throws Refused `unsupported-media-type`, `too-large`
 */
export function openUpload(ctx: Koa.Context, types: readonly string[]): Readable {
  checkType(ctx, types);
  if (Number(ctx.get('Content-Length')) > LARGEST_UPLOAD) throw new Refused('too-large', { detail: UPLOAD_TOO_LARGE });
  return bounded(ctx.req, LARGEST_UPLOAD, asFile(ctx.req));
}

const accepting = (method: string, types: readonly string[]): Record<string, string> =>
  method === 'PATCH' ? { 'Accept-Patch': types.join(', ') } : {};

async function textOf(ctx: Koa.Context, limit: number): Promise<string> {
  try {
    return await inTime(ctx.req, parse.text(ctx.req, { limit }));
  } catch (error) {
    if (error instanceof CutOff) throw new Refused('too-slow', { detail: error.message });
    throw new Refused((error as { status?: number }).status === 413 ? 'too-large' : 'malformed');
  }
}

/** @throws Refused `malformed`, `too-large` */
export function readJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const remedy = 'send one JSON value in UTF-8, with the Content-Type application/json';
    throw malformed([{ pointer: '', code: 'not-json', detail: 'the body is not JSON', remedy }]);
  }
  const found = scan(text);
  if (found.deepest > DEEPEST) throw new Refused('too-large', { detail: `it nests ${found.deepest} levels deep` });
  const errors = found.twice.map((path): ProblemError => {
    return { pointer: pointerTo(path), code: 'twice', detail: 'the member is there twice', remedy: 'give it once' };
  });
  if (errors.length > 0) throw malformed(errors);
  return value;
}

const malformed = (errors: ProblemError[]) => new Refused('malformed', { errors });

type Level = { names?: Set<string>; name?: string; index: number };

/** What JSON.parse does not tell, of a text that it took: how deep it nests, and members that an object has twice. */
function scan(text: string): { deepest: number; twice: string[][] } {
  const levels: Level[] = [];
  const twice: string[][] = [];
  let deepest = 0;
  const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;
  let naming = false;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [sign] = match;
    const level = levels.at(-1);
    if (sign === '{' || sign === '[') {
      levels.push(sign === '{' ? { names: new Set(), index: 0 } : { index: 0 });
      naming = sign === '{';
      deepest = Math.max(deepest, levels.length);
    } else if (sign === '}' || sign === ']') {
      levels.pop();
      naming = false;
    } else if (sign === ',') {
      if (level !== undefined) level.index += 1;
      naming = level?.names !== undefined;
    } else if (sign === ':') naming = false;
    else if (naming && level?.names !== undefined) {
      level.name = JSON.parse(sign) as string;
      if (level.names.has(level.name) && twice.length < 20) twice.push(levels.map(stepOf));
      level.names.add(level.name);
    }
  }
  return { deepest, twice };
}

const stepOf = ({ name, index }: Level) => name ?? String(index);

/** The value as the schema takes it. @throws Refused `invalid` naming all faults */
export function checkBody<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  const errors = [...nullBytes(value, []), ...zodErrors(schema.safeParse(value).error)];
  if (errors.length > 0) throw new Refused('invalid', { errors });
  return schema.parse(value);
}

function nullBytes(value: unknown, path: PropertyKey[]): ProblemError[] {
  if (typeof value === 'string') return value.includes('\0') ? [nullByte(path)] : [];
  if (typeof value !== 'object' || value === null) return [];
  const steps: [PropertyKey, unknown][] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return steps.flatMap(([step, part]) => [
    ...(typeof step === 'string' && step.includes('\0') ? [nullByte(path)] : []),
    ...nullBytes(part, [...path, step]),
  ]);
}

const nullByte = (path: PropertyKey[]): ProblemError => ({
  pointer: pointerTo(path),
  code: 'null-byte',
  detail: 'it contains a null byte',
  remedy: 'leave the null byte out',
});

/** Issues of a schema; a member that it does not know is a fault of its own. */
export function zodErrors(error: z.ZodError | undefined, place: 'pointer' | 'parameter' = 'pointer'): ProblemError[] {
  return (error?.issues ?? []).flatMap((issue) => {
    const at = (path: PropertyKey[]) =>
      place === 'pointer' ? { pointer: pointerTo(path) } : { parameter: path.map(String).join('.') };
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        ...at([...issue.path, key]),
        code: 'unknown',
        detail: 'it is not known here',
        remedy: 'remove it, or correct its spelling',
      }));
    const remedy = issue.code === 'custom' ? issue.message : `correct it: ${issue.message}`;
    return [{ ...at(issue.path), code: issue.code.replaceAll('_', '-'), detail: issue.message, remedy }];
  });
}
