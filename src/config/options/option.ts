/** An option with what people are told of it, and the kinds of options that occur often. */
import { z } from 'zod';

/** The description of an option for people. */
export type About = {
  purpose: string;
  expected: string;
  example: string;
  /** absent: PEDEL_ and the key in capitals */
  environment?: string;
};
export const about = z.registry<About>();

export function option<Schema extends z.ZodType>(schema: Schema, what: About): Schema {
  about.add(schema, what);
  return schema;
}

export const seconds = (standard: number, least: number, most: number, purpose: string) =>
  option(z.int().min(least).max(most).default(standard), {
    purpose,
    expected: `a whole number of seconds, ${least} to ${most}`,
    example: String(standard),
  });

export const list = (item: z.ZodType<string, string>, standard: string[], what: About) =>
  option(z.array(item).default(standard), what);
