/** Finds the faults that no single option can see. */
import { type Language, languageIds, languageNamed, languages } from '../domain/account/languages.ts';
import { isWithin } from '../domain/factors/passkey-domain.ts';
import { dottedPath, type Fault, shown, valueAt } from './fault.ts';

/** Faults between options. It skips values that are faulty themselves, because those are reported already. */
export function contradictions(raw: Record<string, unknown>, where: (path: PropertyKey[]) => string): Fault[] {
  const faults: Fault[] = [];
  const organisations = Array.isArray(raw.organisations) ? (raw.organisations as unknown[]) : [];
  const seen = new Map<string, string>();
  const unique = (kind: string, value: unknown, path: PropertyKey[]) => {
    if (typeof value !== 'string') return;
    const before = seen.get(`${kind} ${value}`);
    if (before === undefined) seen.set(`${kind} ${value}`, dottedPath(path));
    else
      faults.push({
        key: dottedPath(path),
        where: where(path),
        value,
        expected: `${kind} that no other ${path[0] === 'networks' ? 'network' : 'organisation'} has`,
        remedy: `${before} has it too: change one of them`,
      });
  };
  organisations.forEach((organisation, index) => {
    const { id, domains, groupNamespace } = (organisation ?? {}) as Record<string, unknown>;
    unique('an id', id, ['organisations', index, 'id']);
    unique('a groupNamespace', groupNamespace, ['organisations', index, 'groupNamespace']);
    for (const [at, domain] of Array.isArray(domains) ? domains.entries() : []) {
      unique('a domain', domain, ['organisations', index, 'domains', at]);
    }
  });
  const networks = Array.isArray(raw.networks) ? (raw.networks as unknown[]) : [];
  networks.forEach((network, index) => {
    unique('a name', (network as { name?: unknown } | null)?.name, ['networks', index, 'name']);
  });
  const seconds = (key: string) => valueAt(raw, ['lifetimes', key]);
  const [idle, most] = [seconds('sessionIdleSeconds') ?? 43_200, seconds('sessionMaxSeconds') ?? 604_800];
  if (typeof idle === 'number' && typeof most === 'number' && idle > most) {
    const path = [
      'lifetimes',
      seconds('sessionIdleSeconds') === undefined ? 'sessionMaxSeconds' : 'sessionIdleSeconds',
    ];
    faults.push({
      key: dottedPath(path),
      where: where(path),
      value: String(valueAt(raw, path)),
      expected: `sessionIdleSeconds no longer than sessionMaxSeconds (${most})`,
      remedy: 'lower sessionIdleSeconds or raise sessionMaxSeconds',
    });
  }
  faults.push(...sourceFaults(raw, where));
  faults.push(...keyFaults(raw, where));
  faults.push(...passkeyFaults(raw, where));
  if (
    raw.metricsListen !== undefined &&
    raw.metricsListen === (raw.listen ?? '127.0.0.1:3000') &&
    !String(raw.listen).endsWith(':0')
  ) {
    faults.push({
      key: 'metricsListen',
      where: where(['metricsListen']),
      value: String(raw.metricsListen),
      expected: 'another address than that of listen',
      remedy: 'use a separate port for the metrics, for example 127.0.0.1:9464',
    });
  }
  return faults;
}

/** What cannot be in the address of the mail server, and credentials that lack their other half. */
export function mailFaults(
  raw: Record<string, unknown>,
  where: (path: PropertyKey[]) => string,
  { user, password }: { user: string | undefined; password: string | undefined },
): Fault[] {
  const faults: Fault[] = [];
  const path = ['mail', 'url'];
  const value = valueAt(raw, path);
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url !== null && /^smtps?:$/.test(url.protocol)) {
    if (url.search !== '' || url.hash !== '')
      faults.push({
        key: dottedPath(path),
        where: where(path),
        ...shown(path, value),
        expected: 'an address without ? and #',
        remedy: `write ${url.protocol}//${url.host}, and set what followed as options of their own: mail.requireTLS, mail.ca (instead of tls.rejectUnauthorized=false), mail.name`,
      });
    user ??= url.username || undefined;
    password ??= url.password || undefined;
  }
  const [missing, given] = user === undefined ? ['USER', 'PASSWORD'] : ['PASSWORD', 'USER'];
  if ((user === undefined) !== (password === undefined))
    faults.push({
      key: `PEDEL_MAIL_${missing}`,
      where: 'environment',
      expected: 'user name and password at the mail server, or neither',
      remedy: `set PEDEL_MAIL_${missing} (or PEDEL_MAIL_${missing}_FILE), or unset PEDEL_MAIL_${given}`,
    });
  return faults;
}

/** A source stands once, and names organisations of this file and domains of theirs. */
function sourceFaults(raw: Record<string, unknown>, where: (path: PropertyKey[]) => string): Fault[] {
  const listOf = (value: unknown) => (Array.isArray(value) ? (value as unknown[]) : []);
  const organisations = listOf(raw.organisations).map((each) => (each ?? {}) as Record<string, unknown>);
  const ids = organisations.map(({ id }) => id);
  const faults: Fault[] = [];
  const seen: unknown[] = [];
  for (const [index, source] of listOf(raw.sources).entries()) {
    const { id, organisations: named, domains, entitlements } = (source ?? {}) as Record<string, unknown>;
    const fault = (path: PropertyKey[], value: unknown, expected: string, remedy: string) => {
      const here = ['sources', index, ...path];
      faults.push({ key: dottedPath(here), where: where(here), ...shown(here, value), expected, remedy });
    };
    if (seen.includes(id)) fault(['id'], id, 'an id that no other source has', 'change one of them');
    if (typeof id === 'string') seen.push(id);
    for (const [at, each] of listOf(named).entries()) {
      if (typeof each === 'string' && !ids.includes(each))
        fault(['organisations', at], each, 'the id of an organisation', `use one of ${ids.join(', ')}`);
    }
    const own = organisations
      .filter((each) => listOf(named).includes(each.id))
      .flatMap((each) => listOf(each.domains))
      .filter((each) => typeof each === 'string');
    for (const [at, each] of listOf(domains).entries()) {
      if (typeof each === 'string' && !own.some((domain) => each === domain || each.endsWith(`.${domain}`)))
        fault(['domains', at], each, 'a domain of its organisations, or one below', `use one of ${own.join(', ')}`);
    }
    const foreign = organisations.filter((each) => !listOf(named).includes(each.id));
    for (const [at, each] of listOf(entitlements).entries()) {
      const owner = foreign.find(({ groupNamespace }) => reachesInto(each, groupNamespace));
      if (owner === undefined) continue;
      const expected = `entitlements outside the groupNamespace of ${owner.id}, which is no organisation of this source`;
      fault(['entitlements', at], each, expected, 'name its own entitlements in full');
    }
  }
  return faults;
}

/** Whether a pattern of entitlements, with or without `*`, fits one that begins with the namespace. */
function reachesInto(pattern: unknown, namespace: unknown): boolean {
  if (typeof pattern !== 'string' || typeof namespace !== 'string') return false;
  const start = pattern.replace(/\*$/, '');
  return start.startsWith(`${namespace}:`) || (start !== pattern && `${namespace}:`.startsWith(start));
}

/** The option `defaultLanguage`; if it is absent, the first language in the name of the first organisation. */
export function defaultLanguageOf(raw: Record<string, unknown>): Language {
  const name = valueAt(raw, ['organisations', 0, 'name']);
  const written = Object.keys(typeof name === 'object' && name !== null ? name : {});
  return [raw.defaultLanguage, ...written].map(languageNamed).find((id) => id !== undefined) ?? languages[0].id;
}

/**
 * A name or label without a text in the default language is a fault. Without a text in another language it gets a warning,
 * if the file uses that language anywhere.
 */
export function missingTexts(
  raw: Record<string, unknown>,
  where: (path: PropertyKey[]) => string,
): { faults: Fault[]; warnings: string[] } {
  const standard = defaultLanguageOf(raw);
  const texts = [...localizedTexts(raw)];
  const used = languageIds.filter((id) => texts.some(({ text }) => id in text));
  const lacking = (language: Language) => texts.filter(({ text }) => !(language in text));
  return {
    faults: lacking(standard).map(({ path }) => ({
      key: dottedPath([...path, standard]),
      where: where(path),
      expected: `a text in the default language (${standard})`,
      remedy: 'write one, or set defaultLanguage to a language in which every name and label is written',
    })),
    warnings: used
      .filter((language) => language !== standard)
      .flatMap((language) =>
        lacking(language).map(
          ({ path }) => `${dottedPath(path)} has no text in ${language}: that in ${standard} is shown (${where(path)})`,
        ),
      ),
  };
}

function* localizedTexts(raw: Record<string, unknown>): Generator<{ path: PropertyKey[]; text: object }> {
  const listAt = (path: PropertyKey[]) => {
    const list = valueAt(raw, path);
    return Array.isArray(list) ? [...list.keys()].map((index) => [...path, index]) : [];
  };
  const named = valueAt(raw, ['installation', 'name']);
  if (typeof named === 'object' && named !== null) yield { path: ['installation', 'name'], text: named };
  for (const organisation of listAt(['organisations'])) {
    const labels = listAt([...organisation, 'contacts']).map((contact) => [...contact, 'label']);
    for (const path of [[...organisation, 'name'], ...labels]) {
      const text = valueAt(raw, path);
      if (typeof text === 'object' && text !== null) yield { path, text };
    }
  }
}

/** Checks the key schedule: applications must know a key before it signs, and each key must be published in time. */
function keyFaults(raw: Record<string, unknown>, where: (path: PropertyKey[]) => string): Fault[] {
  const given = (name: string) => valueAt(raw, ['signingKeys', name]);
  const number = (name: string, standard: number) => {
    const value = given(name) ?? standard;
    return typeof value === 'number' ? value : Number.NaN; // it has its own fault; comparisons with NaN are false
  };
  const [days, ahead] = [number('rotateDays', 90), number('publishAheadHours', 24)];
  const cacheHours = (number('cacheSeconds', 3600) + KEY_MARGIN_SECONDS) / 3600;
  const fault = (names: string[], expected: string, remedy: string): Fault => {
    const path = ['signingKeys', names.find((name) => given(name) !== undefined) ?? ''];
    return { key: dottedPath(path), where: where(path), value: String(valueAt(raw, path)), expected, remedy };
  };
  const faults: Fault[] = [];
  if (ahead < cacheHours)
    faults.push(
      fault(
        ['publishAheadHours', 'cacheSeconds'],
        'publishAheadHours at least five minutes longer than cacheSeconds',
        `raise publishAheadHours to ${Math.ceil(cacheHours)} or more, or lower cacheSeconds`,
      ),
    );
  if (days > 0 && days * 24 < ahead)
    faults.push(
      fault(
        ['publishAheadHours', 'rotateDays'],
        `publishAheadHours no longer than rotateDays (${days})`,
        'lower publishAheadHours or raise rotateDays',
      ),
    );
  return faults;
}

/** Browsers use passkeys on the issuer's pages only if it is within their domain, or named as related to it. */
function passkeyFaults(raw: Record<string, unknown>, where: (path: PropertyKey[]) => string): Fault[] {
  const { issuer, passkeyDomain: domain, relatedOrigins: related } = raw;
  if (typeof issuer !== 'string' || typeof domain !== 'string' || URL.parse(issuer) === null) return [];
  if (isWithin(issuer, domain) || (Array.isArray(related) && related.includes(issuer))) return [];
  const { hostname } = new URL(issuer);
  return [
    {
      key: 'passkeyDomain',
      where: where(['passkeyDomain']),
      ...shown(['passkeyDomain'], domain),
      expected: `the host of issuer (${hostname}) or a domain above it`,
      remedy: `write ${hostname} if nobody has a passkey yet; if issuer moved away from ${domain}, add ${issuer} to relatedOrigins, and let https://${domain}/.well-known/webauthn lead to Pedel`,
    },
  ];
}

/** Nodes read the keys again every half minute, and their clocks may differ. */
const KEY_MARGIN_SECONDS = 300;
