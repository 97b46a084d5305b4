/** What `pedel clients apply` and `pedel clients add` share: with what registrations are applied, and how the result is told. */
import { unknownNames } from '../domain/clients/metadata/known-names.ts';
import { createRegistrationCheck } from '../oidc/registration/registration-check.ts';
import type { ApplyDeps, ApplyResult } from '../use-cases/clients/apply-clients.ts';
import { keysFetch, logoFetch } from './address-fetch.ts';
import type { Installation } from './installation.ts';
import { count, printable, type Terminal, userOf } from './terminal.ts';

/** `offline`: no logo is fetched, and no keys are looked at. */
export function applyDeps(
  terminal: Terminal,
  { config, storage }: Pick<Installation, 'config' | 'storage'>,
  { offline, ...how }: { dryRun: boolean; offline: boolean; changeSubjects?: boolean; onlyNew?: boolean },
): ApplyDeps {
  const check = createRegistrationCheck();
  return {
    clients: storage.clients,
    issuer: config.issuer,
    now: terminal.now,
    randomBytes: terminal.randomBytes,
    ...how,
    ...userOf(terminal.environment),
    judge: (record) =>
      unknownNames(record.metadata, {
        organisations: config.organisations.map(({ id }) => id),
        sources: config.sources,
      }) ?? check(record),
    knowsPerson: async (each) =>
      ((await storage.accounts.findHolder(each.toLowerCase())) ?? (await storage.accounts.findById(each))) !==
      undefined,
    fetchLogo: offline ? undefined : logoFetch(config),
    fetchKeys: offline ? undefined : keysFetch(config),
  };
}

/** For scripts, with the names of RFC 7591, 3.2.1. `client`: what the file calls an application that is refused. */
export function jsonOf(result: ApplyResult) {
  if (result.outcome === 'refused') {
    const { id, ...refused } = result;
    return { ...(id === undefined ? {} : { client_id: id }), ...refused };
  }
  const { client, secret, warnings, ...rest } = result;
  return {
    client_id: client,
    ...rest,
    ...(secret === undefined ? {} : { client_secret: secret }),
    ...(warnings === undefined ? {} : { warning: warnings.join('. ') }),
  };
}

/** In lines for a terminal: what became of one registration, with each fault and its remedy. */
export function resultText(result: ApplyResult): string {
  const id = printable(result.client);
  if (result.outcome === 'refused') {
    const faults = result.faults.map(
      ({ member, value, expected, remedy }) =>
        `    ${printable(`${member}${value === undefined ? '' : ` ${JSON.stringify(value)}`}: ${remedy}`)}\n` +
        (remedy.includes(expected) ? '' : `        accepted: ${printable(expected)}\n`),
    );
    return `${id}: refused, ${count(faults.length, 'fault')}\n${faults.join('')}`;
  }
  const what = result.outcome === 'changed' ? ` (${result.members.join(', ')})` : '';
  const secret =
    result.secret === undefined
      ? ''
      : `    client_id      ${id}\n    client_secret  ${result.secret}   (shown only now)\n`;
  const warning = result.warnings === undefined ? '' : `    ${printable(result.warnings.join('. '))}\n`;
  return `${id}: ${result.outcome}${what}\n${secret}${warning}`;
}
