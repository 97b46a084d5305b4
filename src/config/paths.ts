/** Walks the schema of the options: the path, environment name and description of each. */
import { z } from 'zod';
import { type About, about } from './options/option.ts';

export type Leaf = {
  path: string[];
  /** `structured`: only in a file */
  kind: 'list' | 'number' | 'boolean' | 'text' | 'structured';
  about: About;
  environment: string;
  /** the default, as a person would write it; absent: none */
  standard?: unknown;
};

/** `lifetimes.codeSeconds` -> PEDEL_LIFETIMES_CODE_SECONDS, unless the option names its own. */
function environmentName(path: string[], what: About | undefined): string {
  return (
    what?.environment ??
    `PEDEL_${path
      .join('_')
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toUpperCase()}`
  );
}

/** All options that can be set individually, in the order of the schema. */
export function* leafOptions(schema: z.ZodType, path: string[] = []): Generator<Leaf> {
  for (const [name, part] of Object.entries(shapeOf(schema) ?? {})) {
    const here = [...path, name];
    const what = about.get(part);
    if (what === undefined) yield* leafOptions(part, here);
    else {
      const standard = standardOf(part);
      yield {
        path: here,
        kind: kindOf(part),
        about: what,
        environment: environmentName(here, what),
        ...(standard === undefined ? {} : { standard }),
      };
    }
  }
}

/** The description for the path of a fault: that of the innermost option on the path that has one. */
export function aboutPath(schema: z.ZodType, path: PropertyKey[]): About & { environment?: string } {
  let found: About = { purpose: '', expected: 'another value', example: '(see config/README.md)' };
  let part: z.ZodType | undefined = schema;
  const named: string[] = [];
  for (const step of path) {
    part = typeof step === 'number' ? elementOf(part) : shapeOf(part)?.[String(step)];
    if (part === undefined) break;
    named.push(String(step));
    const what = about.get(part);
    if (what !== undefined) {
      found = path.some((each) => typeof each === 'number')
        ? { ...what }
        : { ...what, environment: environmentName(named, what) };
    }
  }
  return found;
}

function inner(schema: z.ZodType | undefined): z.ZodType | undefined {
  let part = schema;
  for (;;) {
    if (
      part instanceof z.ZodDefault ||
      part instanceof z.ZodPrefault ||
      part instanceof z.ZodOptional ||
      part instanceof z.ZodExactOptional
    ) {
      part = part.def.innerType as z.ZodType;
    } else if (part instanceof z.ZodPipe) part = part.def.in as z.ZodType;
    else return part;
  }
}

export function shapeOf(schema: z.ZodType | undefined): Record<string, z.ZodType> | undefined {
  const part = inner(schema);
  return part instanceof z.ZodObject ? (part.shape as Record<string, z.ZodType>) : undefined;
}

function elementOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  const part = inner(schema);
  return part instanceof z.ZodArray ? (part.element as z.ZodType) : undefined;
}

function kindOf(schema: z.ZodType): Leaf['kind'] {
  const part = inner(schema);
  if (part instanceof z.ZodArray) return shapeOf(part.element as z.ZodType) === undefined ? 'list' : 'structured';
  if (part instanceof z.ZodObject) return 'structured';
  if (part instanceof z.ZodNumber) return 'number';
  return part instanceof z.ZodBoolean ? 'boolean' : 'text';
}

export function standardOf(schema: z.ZodType): unknown {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
}
