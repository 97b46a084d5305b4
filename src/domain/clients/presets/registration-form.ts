/** What of a preset's registration a person may correct before it is stored, as text, and how that is read back. */
import type { JsonValue } from '../../json-value.ts';

/** `lines`: a list, each on a line of its own. */
const kinds = {
  client_name: 'text',
  redirect_uris: 'lines',
  post_logout_redirect_uris: 'lines',
  backchannel_logout_uri: 'text',
  client_uri: 'text',
  contacts: 'lines',
  pedel_bundle: 'bundle',
  scope: 'text',
  'pedel_purpose#nl': 'text',
  'pedel_purpose#en': 'text',
} as const;
export type CorrectableMember = keyof typeof kinds;
type Kind = (typeof kinds)[CorrectableMember];

/** `member` as in the registration; `kind` absent: it cannot be corrected here. */
export type RegistrationLine = { member: string; value: string; kind?: Kind };

type Registration = Record<string, JsonValue>;

export const isCorrectable = (member: string): member is CorrectableMember => Object.hasOwn(kinds, member);

/** Every member but the client_id, the correctable ones first. */
export function linesOf(registration: Registration): RegistrationLine[] {
  const named = Object.entries(registration).filter(([member]) => member !== 'client_id');
  const lines = named.map(([member, value]): RegistrationLine => {
    const text = Array.isArray(value) ? value.map(asText).join('\n') : asText(value);
    return { member, value: text, ...(isCorrectable(member) ? { kind: kinds[member] } : {}) };
  });
  return [...lines.filter(({ kind }) => kind !== undefined), ...lines.filter(({ kind }) => kind === undefined)];
}

/** The registration with what was corrected. A text that is empty takes its member away; other names change nothing. */
export function corrected(registration: Registration, texts: Readonly<Record<string, string>>): Registration {
  const next: Registration = { ...registration };
  for (const [member, text] of Object.entries(texts)) {
    if (!isCorrectable(member) || registration[member] === undefined) continue;
    const values = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean);
    if (values.length === 0) delete next[member];
    else next[member] = kinds[member] === 'lines' ? values : values.join(' ');
  }
  return next;
}

const asText = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : JSON.stringify(value));
