/** What a form that registers an application brings beside the answers of its preset: a contact, and its first secret. */
import { readSecretName, type SecretLife, secretLives, USUAL_LIFE } from '../../domain/clients/client-secrets.ts';
import type { AnswerFault } from '../../domain/clients/presets/preset-rendering.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import type { PageFault } from '../../http/page.ts';
import type { Web } from '../web.ts';
import type { Administrator } from './frame.ts';

/** Whoever registers it is its first contact, until somebody else is named. */
export function withContacts(
  registration: Record<string, JsonValue>,
  { account }: Administrator,
): Record<string, JsonValue> {
  return {
    contacts: [account.emails[0] ?? account.personalEmail].filter((each) => each !== undefined),
    ...registration,
  };
}

export const getsSecret = ({ token_endpoint_auth_method: method = 'client_secret_basic' }: Record<string, JsonValue>) =>
  String(method).startsWith('client_secret_');

/** Undefined: it has no name that can be stored. */
export function readSecret(given: Record<string, string>): { name: string; life: SecretLife } | undefined {
  const name = readSecretName(given.secret_name ?? '');
  const life = secretLives.find((each) => each === given.secret_life) ?? USUAL_LIFE;
  return name === undefined ? undefined : { name, life };
}

/** An id from a name, of which nothing needs encoding. */
export function plainId(name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .toLowerCase()
    .slice(0, 60);
  return plain || 'application';
}

/** The first of the faults leads the page; each stands at its field. */
export function faultOf(faults: AnswerFault[], t: ReturnType<Web['pages']['t']>): PageFault {
  const errors: Record<string, string> = {};
  for (const fault of faults) {
    if (fault.kind === 'missing') errors[fault.ask] = t('pages.field_empty');
    else if (fault.kind === 'refused')
      errors[fault.ask === 'client-id' ? 'client_id' : fault.ask] = t(
        ['address', 'api'].includes(fault.ask) ? 'console.ask_wrong_address' : 'console.ask_wrong',
      );
  }
  return { error: t('console.answers_wrong'), errors };
}
