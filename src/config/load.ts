/** Reads the configuration from file and environment, reports all faults at once, and freezes the result. */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { inEveryLanguage, type Language, type Localized } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import { type Brand, installationBrand, pictureNames } from '../domain/brand/brand.ts';
import { pictureFault } from '../domain/brand/picture.ts';
import type { Source } from '../domain/feed/source.ts';
import type { MailServer } from '../domain/ports/mail-server.ts';
import { dottedPath, type Fault, inOrder, shown, valueAt } from './fault.ts';
import { contradictions, defaultLanguageOf, mailFaults, missingTexts } from './faults.ts';
import { MAIL_CA } from './options/mail.ts';
import { PICTURE } from './options/pictures.ts';
import { options, secrets } from './options.ts';
import { aboutPath, type Leaf, leafOptions } from './paths.ts';
import { missingSecret, secretFrom, secretsInFile, tooShort, unknownKey } from './secret-faults.ts';

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

  const parsed = options.safeParse(raw);
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
  const mailUser = secretOf('PEDEL_MAIL_USER');
  const mailPassword = secretOf('PEDEL_MAIL_PASSWORD');
  tooShort('PEDEL_SECRET', secret, faults);
  tooShort('PEDEL_PREVIOUS_SECRET', previousSecret, faults);
  tooShort('PEDEL_NEXT_SECRET', nextSecret, faults);
  if (secret === undefined && !faults.some(({ key }) => key === 'PEDEL_SECRET')) {
    const missing = missingSecret();
    if (input.secret === 'required') faults.push(missing);
    else warnings.push(`PEDEL_SECRET is not set here, and 'pedel serve' does not start without it: ${missing.remedy}`);
  }
  faults.push(...mailFaults(raw, where, { user: mailUser, password: mailPassword }));
  warnings.push(...unknownEnvironment(input.environment, leaves));

  if (!parsed.success || faults.length > 0) return { faults: inOrder(faults), warnings, where };
  const { mail, organisations, sources, installation, hashing, ...rest } = parsed.data;
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
    mail: {
      ...withCredentials(mail, mailUser, mailPassword),
      ...(mail.requireTLS === undefined ? {} : { requireTLS: mail.requireTLS }),
      ...(ca === undefined ? {} : { ca }),
      name: mail.name ?? greetingName(rest.issuer),
    },
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

type YamlFile = { content: Record<string, unknown>; where: (path: PropertyKey[]) => string };

function readYaml(path: string, readFile: (path: string) => string, faults: Fault[]): YamlFile | undefined {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    faults.push({
      key: '(file)',
      where: path,
      expected: 'a readable YAML file',
      remedy: `${reason}; name another file with --config`,
    });
    return undefined;
  }
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  for (const error of document.errors) {
    const { line, col } = lines.linePos(error.pos[0]);
    faults.push({ key: '(file)', where: `${path}:${line}:${col}`, expected: 'YAML', remedy: error.message });
  }
  const content = document.errors.length > 0 ? undefined : (document.toJS() ?? {});
  if (content !== undefined && (typeof content !== 'object' || Array.isArray(content))) {
    faults.push({
      key: '(file)',
      where: path,
      expected: 'options with their values',
      remedy: 'write lines such as "issuer: https://idp.example.edu"',
    });
  }
  if (faults.length > 0) return undefined;
  const where = (wanted: PropertyKey[]): string => {
    for (let length = wanted.length; length > 0; length -= 1) {
      const node = document.getIn(wanted.slice(0, length), true) as { range?: [number, number, number] } | undefined;
      if (node?.range !== undefined) return `${path}:${lines.linePos(node.range[0]).line}`;
    }
    return path;
  };
  return { content: content as Record<string, unknown>, where };
}

/** Every picture that is named, but cannot be read or shown. */
function faultyPictures(
  raw: Record<string, unknown>,
  where: (path: PropertyKey[]) => string,
  read: (picture: string) => Uint8Array,
): Fault[] {
  const organisations = Array.isArray(raw.organisations) ? [...raw.organisations.keys()] : [];
  const owners: PropertyKey[][] = [['installation'], ...organisations.map((index) => ['organisations', index])];
  const paths = owners.flatMap((owner) => pictureNames.map((name) => [...owner, name]));
  return paths.flatMap((path) => {
    const picture = valueAt(raw, path);
    if (typeof picture !== 'string' || !/\.(?:svg|png)$/.test(picture)) return []; // it has its own fault
    const remedy = remedyFor(picture, read);
    if (remedy === undefined) return [];
    return [{ key: dottedPath(path), where: where(path), ...shown(path, picture), expected: PICTURE, remedy }];
  });
}

/** The content of mail.ca; undefined if there is none, or it is faulty. */
function readAuthority(
  raw: Record<string, unknown>,
  where: (path: PropertyKey[]) => string,
  read: (name: string) => string,
  faults: Fault[],
): string | undefined {
  const path = ['mail', 'ca'];
  const name = valueAt(raw, path);
  if (typeof name !== 'string' || name === '') return undefined;
  const refuse = (remedy: string) => {
    faults.push({ key: dottedPath(path), where: where(path), ...shown(path, name), expected: MAIL_CA, remedy });
    return undefined;
  };
  let text: string;
  try {
    text = read(name);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return refuse(code === 'ENOENT' ? 'there is no such file; correct the path' : message);
  }
  const certificates = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) return refuse('it holds no certificate (-----BEGIN CERTIFICATE-----)');
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      return refuse(`certificate ${index + 1} in it cannot be read: export it again as PEM`);
    }
  }
  return certificates.join('\n');
}

/** The host of the issuer as EHLO takes it: an address is a literal in brackets (RFC 5321, 4.1.3). */
function greetingName(issuer: string): string {
  const host = new URL(issuer).hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? host : `[${isIP(host) === 6 ? 'IPv6:' : ''}${host}]`;
}

function remedyFor(picture: string, read: (picture: string) => Uint8Array): string | undefined {
  try {
    return pictureFault(read(picture), picture.endsWith('.png') ? 'image/png' : 'image/svg+xml');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
      ? 'there is no such file; correct the path'
      : (error as Error).message;
  }
}

/** Puts the values of the environment into `raw`. Returns a map from keys to the variables that set them. */
function overlay(
  raw: Record<string, unknown>,
  leaves: Leaf[],
  environment: Record<string, string | undefined>,
  faults: Fault[],
): Map<string, string> {
  const origin = new Map<string, string>();
  for (const { path, kind, environment: name } of leaves) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    origin.set(dottedPath(path), name);
    if (kind === 'structured') {
      faults.push({
        key: name,
        where: 'environment',
        value: text,
        expected: 'a value in the configuration file',
        remedy: `put ${dottedPath(path)} in a file, and name it with --config`,
      });
      continue;
    }
    let group = raw;
    for (const step of path.slice(0, -1)) {
      if (typeof group[step] !== 'object' || group[step] === null) group[step] = {};
      group = group[step] as Record<string, unknown>;
    }
    group[path.at(-1) as string] = fromText(text, kind);
  }
  return origin;
}

function fromText(text: string, kind: Leaf['kind']): unknown {
  if (kind === 'list')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if (kind === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (kind === 'boolean' && /^(true|false|yes|no|1|0)$/i.test(text)) return /^(true|yes|1)$/i.test(text);
  return text;
}

/** Warns of unknown PEDEL_ variables. They are no faults, because container platforms set variables of their own. */
function unknownEnvironment(environment: Record<string, string | undefined>, leaves: Leaf[]): string[] {
  const known = new Set([
    'PEDEL_CONFIG',
    ...leaves.map(({ environment: name }) => name),
    ...secrets.flatMap(({ name }) => [name, `${name}_FILE`]),
  ]);
  return Object.keys(environment)
    .filter((name) => name.startsWith('PEDEL_') && !name.startsWith('PEDEL_TEST_') && !known.has(name))
    .map((name) => `unknown environment variable ${name}: is it misspelt? (config/README.md lists all variables)`);
}

function withCredentials(
  mail: FromFile['mail'],
  user: string | undefined,
  password: string | undefined,
): Pick<Config['mail'], 'from' | 'url' | 'user' | 'password'> {
  const url = URL.parse(mail.url);
  if (url !== null && mail.url !== 'terminal:') {
    user ??= decodeURIComponent(url.username) || undefined;
    password ??= decodeURIComponent(url.password) || undefined;
    url.username = '';
    url.password = '';
  }
  return {
    from: mail.from,
    url: url === null || mail.url === 'terminal:' ? mail.url : url.href,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  };
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
