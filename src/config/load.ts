/** Reads the configuration from file and environment, reports all faults at once, and freezes the result. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import { inEveryLanguage, type Language, type Localized } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { type Brand, installationBrand, pictureNames } from '../domain/brand/brand.ts';
import type { Source } from '../domain/feed/source.ts';
import type { MailServer } from '../domain/ports/mail-server.ts';
import { overlay, unknownEnvironment } from './environment.ts';
import { dottedPath, type Fault, inOrder, shown, valueAt } from './fault.ts';
import { contradictions, defaultLanguageOf, mailFaults, missingTexts } from './faults.ts';
import { mailServer } from './mail-server.ts';
import { faultyPictures, readAuthority } from './named-files.ts';
import { options } from './options.ts';
import { aboutPath, leafOptions } from './paths.ts';
import { missingSecret, secretFrom, secretsInFile, tooShort, unknownKey } from './secret-faults.ts';
import { readYaml } from './yaml-file.ts';

export type { Fault };

type FromFile = z.output<typeof options>;
export type Config = Omit<FromFile, 'mail' | 'organisations' | 'sources' | 'installation' | 'defaultLanguage'> & {
  /** its `url` without credentials */
  mail: MailServer & { name: string };
  /** the sealing key, at least 32 characters */
  secret: string;
  previousSecret?: string;
  nextSecret?: string;
  defaultLanguage: Language;
  /** the face of pages before a person is known, complete; paths of pictures are absolute, as those of organisations */
  installation: Brand;
  /** their texts in every language: the default language's where the file has none */
  organisations: Organisation[];
  /** each with the domains of its organisations where the file names none */
  sources: Source[];
};

/**
 * `config` is absent when there are faults. Its `secret` is '' when `secret` was 'optional' and none is set. `where` tells
 * the place of an option: file and line, or the environment variable.
 */
export type Loaded = {
  config?: Config;
  faults: Fault[];
  warnings: string[];
  where: (path: PropertyKey[]) => string;
};

/**
 * The environment overrides the file, and the file overrides the defaults.
 * @param input `readFile` throws if there is no such file; `secret: 'optional'` serves checks where the secret is not
 *   available
 */
export function loadConfig(input: {
  file: string;
  environment: Record<string, string | undefined>;
  readFile: (path: string) => string;
  /** absent: from the disk */
  readPicture?: (path: string) => Uint8Array;
  secret: 'required' | 'optional';
}): Loaded {
  const faults: Fault[] = [];
  const warnings: string[] = [];
  const file = readYaml(input.file, input.readFile, faults);
  if (file === undefined) return { faults, warnings, where: () => input.file };

  const secretOf = (name: string) => secretFrom(name, input.environment, input.readFile, faults);
  const raw = structuredClone(file.content);
  const leaves = [...leafOptions(options)];
  const environment = { ...input.environment, PEDEL_STORAGE: secretOf('PEDEL_STORAGE') };
  const fromEnvironment = overlay(raw, leaves, environment, faults);
  const where = (path: PropertyKey[]): string =>
    // an element of a list has the origin of the list
    path
      .map((_, index) => fromEnvironment.get(dottedPath(path.slice(0, index + 1))))
      .find((name) => name !== undefined) ?? file.where(path);
  secretsInFile(file.content, file.where, faults);

  const parsed = options.safeParse(raw, { jitless: true }); // checked once, so that compiling the check does not pay
  for (const issue of parsed.error?.issues ?? []) {
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys)
        faults.push(unknownKey([...issue.path, name], valueAt(raw, [...issue.path, name]), where));
      continue;
    }
    const what = aboutPath(options, issue.path);
    const value = valueAt(raw, issue.path);
    const remedy =
      value === undefined
        ? `set it${what.environment === undefined ? '' : ` in the file or as ${what.environment}`}, for example ${what.example}`
        : issue.code === 'custom'
          ? issue.message
          : `write for example ${what.example}`;
    faults.push({
      key: dottedPath(issue.path),
      where: where(issue.path),
      ...shown(issue.path, value),
      expected: what.expected,
      remedy,
    });
  }
  faults.push(...contradictions(raw, where));
  const picturePath = (picture: string) => resolve(dirname(input.file), picture);
  faults.push(...faultyPictures(raw, where, (picture) => (input.readPicture ?? readFileSync)(picturePath(picture))));
  const ca = readAuthority(raw, where, (name) => input.readFile(picturePath(name)), faults);
  const texts = missingTexts(raw, where);
  faults.push(...texts.faults);
  warnings.push(...texts.warnings);

  const secret = secretOf('PEDEL_SECRET');
  const previousSecret = secretOf('PEDEL_PREVIOUS_SECRET');
  const nextSecret = secretOf('PEDEL_NEXT_SECRET');
  const mailCredentials = { user: secretOf('PEDEL_MAIL_USER'), password: secretOf('PEDEL_MAIL_PASSWORD') };
  tooShort('PEDEL_SECRET', secret, faults);
  tooShort('PEDEL_PREVIOUS_SECRET', previousSecret, faults);
  tooShort('PEDEL_NEXT_SECRET', nextSecret, faults);
  if (secret === undefined && !faults.some(({ key }) => key === 'PEDEL_SECRET')) {
    const missing = missingSecret();
    if (input.secret === 'required') faults.push(missing);
    else warnings.push(`PEDEL_SECRET is not set here, and 'pedel serve' does not start without it: ${missing.remedy}`);
  }
  faults.push(...mailFaults(raw, where, mailCredentials));
  warnings.push(...unknownEnvironment(input.environment, leaves));

  if (!parsed.success || faults.length > 0) return { faults: inOrder(faults), warnings, where };
  const { mail: _, organisations, sources, installation, hashing, ...rest } = parsed.data;
  const defaultLanguage = defaultLanguageOf(raw);
  const complete = (texts: Partial<Localized>) =>
    inEveryLanguage((language) => texts[language] ?? texts[defaultLanguage] ?? '');
  const withPaths = <Given extends Partial<Brand>>(given: Given): Given => ({
    ...given,
    ...Object.fromEntries(
      pictureNames.flatMap((name) => (given[name] === undefined ? [] : [[name, picturePath(given[name])]])),
    ),
  });
  const { name: ownName, ...ownFace } = installation;
  const completed = organisations.map((organisation) =>
    withPaths({
      ...organisation,
      name: complete(organisation.name),
      contacts: organisation.contacts.map((contact) => ({ ...contact, label: complete(contact.label) })),
    }),
  );
  const config: Config = {
    ...rest,
    ...(rest.catalogue === undefined ? {} : { catalogue: picturePath(rest.catalogue) }),
    defaultLanguage,
    mail: mailServer(parsed.data, ca, mailCredentials),
    hashing: { ...hashing, processes: hashing.processes === 0 ? availableParallelism() : hashing.processes },
    installation: installationBrand(
      withPaths({
        ...ownFace,
        ...(ownName === undefined ? {} : { name: complete(ownName) }),
      }),
      completed,
      { name: inEveryLanguage(() => new URL(rest.issuer).hostname) },
    ),
    organisations: completed,
    sources: sources.map((source) => ({
      ...source,
      safeguard: {
        ...source.safeguard,
        lose: Number.parseInt(source.safeguard.lose, 10),
        shrink: Number.parseInt(source.safeguard.shrink, 10),
      },
      domains:
        source.domains ??
        organisations.flatMap(({ id, domains }) => (source.organisations.includes(id) ? domains : [])),
    })),
    secret: secret ?? '',
    ...(previousSecret === undefined ? {} : { previousSecret }),
    ...(nextSecret === undefined ? {} : { nextSecret }),
  };
  return { config: deepFreeze(config), faults: [], warnings, where };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
