/** Members of a registration as fields of a form, and the form as a patch of those that were changed; others cannot be sent. */
import { z } from 'zod';
import { clientDocument } from '../../domain/clients/client-document.ts';
import { readValidUntil, wholeLastDay } from '../../domain/clients/client-validity.ts';
import { type ClientMemberName, clientMembers } from '../../domain/clients/metadata/client-members.ts';
import type { ClientMember } from '../../domain/clients/metadata/members/member.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { acrValues } from '../../domain/sign-in/acr.ts';

export type MemberKind = 'text' | 'date' | 'prose' | 'number' | 'lines' | 'choice' | 'yes-no' | 'json';
export type MemberField = {
  name: ClientMemberName;
  kind: MemberKind;
  value: string;
  /** of a choice, beside none */
  options: string[];
  help: string;
  /** in words, for who leaves it out; undefined: nothing is said */
  otherwise: string | undefined;
  /** this person may not change it */
  locked: boolean;
};

/** What a form of these members may bring, and nothing else. */
export function formOf<Name extends ClientMemberName>(names: readonly Name[]) {
  const field = z.string().max(60_000).optional();
  return z.object(Object.fromEntries(names.map((name) => [name, field])) as Record<Name, typeof field>);
}

export function fieldsOf(
  record: ClientRecord,
  names: readonly ClientMemberName[],
  { typed = {}, locked = [] }: { typed?: Record<string, string | undefined>; locked?: readonly string[] },
): MemberField[] {
  const document = clientDocument(record);
  return names.map((name) => {
    const member: ClientMember = clientMembers[name];
    const { kind, options } = kindOf(name);
    const value = typed[name] ?? writtenAs(name, document[name]);
    return {
      name,
      kind: name === 'pedel_valid_until' && isDay(value) ? 'date' : kind,
      options,
      value,
      help: member.help,
      otherwise: member.otherwise ?? defaultOf(member),
      locked: locked.includes(name),
    };
  });
}

/** A field for days would show a moment, or what is no day, as nothing. */
const isDay = (text: string) => text === '' || (text.length === 10 && readValidUntil(text) !== undefined);

function defaultOf({ default: value }: ClientMember): string | undefined {
  return value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
}

/** A member as it stands in its field. */
export function writtenMember(record: ClientRecord, name: ClientMemberName): string {
  return writtenAs(name, clientDocument(record)[name]);
}

/**
 * Only what differs from the record: a field that nobody touched changes nothing, whatever it holds.
 * `unreadable`: members whose text is no JSON.
 */
export function patchOf(
  record: ClientRecord,
  names: readonly ClientMemberName[],
  typed: Record<string, string | undefined>,
): { patch: Record<string, JsonValue>; unreadable: ClientMemberName[] } {
  const patch: Record<string, JsonValue> = {};
  const unreadable: ClientMemberName[] = [];
  for (const name of names) {
    const text = typed[name]?.replaceAll('\r\n', '\n').trim();
    const { kind } = kindOf(name);
    if (text === undefined || text === writtenMember(record, name).trim()) continue;
    const value = read(kind, text);
    if (value === undefined) unreadable.push(name);
    else patch[name] = value;
  }
  return { patch, unreadable };
}

function kindOf(name: ClientMemberName): { kind: MemberKind; options: string[] } {
  if (name === 'pedel_notes') return { kind: 'prose', options: [] };
  if (name === 'pedel_acr') return { kind: 'choice', options: [...acrValues] };
  const { schema }: ClientMember = clientMembers[name];
  if (schema instanceof z.ZodBoolean) return { kind: 'yes-no', options: [] };
  if (schema instanceof z.ZodEnum) return { kind: 'choice', options: schema.options.map(String) };
  if (schema instanceof z.ZodNumber) return { kind: 'number', options: [] };
  if (schema instanceof z.ZodString) return { kind: 'text', options: [] };
  const ofTexts =
    schema instanceof z.ZodArray && (schema.element instanceof z.ZodString || schema.element instanceof z.ZodEnum);
  return { kind: ofTexts ? 'lines' : 'json', options: [] };
}

function writtenAs(name: ClientMemberName, value: JsonValue | undefined): string {
  const day = name === 'pedel_valid_until' && typeof value === 'string' ? wholeLastDay(Date.parse(value)) : undefined;
  return day ?? written(kindOf(name).kind, value);
}

function written(kind: MemberKind, value: JsonValue | undefined): string {
  if (value === undefined) return '';
  if (kind === 'lines' && Array.isArray(value)) return value.join('\n');
  if (kind === 'yes-no') return value === true ? 'yes' : 'no';
  if (typeof value === 'string' && kind !== 'json') return value;
  // a line for each rule, because rules are read one by one
  if (kind === 'json' && Array.isArray(value) && value.length > 0)
    return `[\n${value.map((each) => `  ${JSON.stringify(each)}`).join(',\n')}\n]`;
  return JSON.stringify(value, null, kind === 'json' ? 2 : 0);
}

/** Null removes the member. Undefined: it cannot be read. */
function read(kind: MemberKind, text: string): JsonValue | undefined {
  if (text === '') return null;
  if (kind === 'yes-no') return text === 'yes' ? true : text === 'no' ? false : text;
  if (kind === 'number') return /^\d{1,15}$/.test(text) ? Number(text) : text;
  if (kind === 'lines')
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  if (kind !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
