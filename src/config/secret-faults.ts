/** Reads secrets from the environment or the files that it names, and finds those that are missing, short or in the wrong place. */
import { dottedPath, type Fault, MASK, shown, valueAt } from './fault.ts';
import { remedyForMoved } from './moved.ts';
import { secrets } from './secrets.ts';

const SECRET_LENGTH = 32;

/** Refuses addresses with a password in the file; a password is a secret, and secrets belong in the environment. */
export function secretsInFile(
  content: Record<string, unknown>,
  where: (path: PropertyKey[]) => string,
  faults: Fault[],
) {
  for (const [path, name] of [
    [['mail', 'url'], 'PEDEL_MAIL_USER and PEDEL_MAIL_PASSWORD'],
    [['storage'], 'PEDEL_STORAGE'],
  ] as const) {
    const value = valueAt(content, [...path]);
    if (typeof value !== 'string' || !/^[a-z+]+:\/\/[^/@]*:[^/@]*@/.test(value)) continue;
    faults.push({
      key: dottedPath([...path]),
      where: where([...path]),
      ...shown([...path], value),
      expected: 'an address without user name and password',
      remedy: `remove them from the file, and set ${name} in the environment (or the same name with _FILE, and the name of a file)`,
    });
  }
}

export function unknownKey(path: PropertyKey[], value: unknown, where: (path: PropertyKey[]) => string): Fault {
  const key = dottedPath(path);
  const secret = secrets.find((each) => each.key.toLowerCase() === key.toLowerCase());
  const remedy =
    secret === undefined
      ? (remedyForMoved(path, value) ?? 'remove it, or correct its spelling (config/README.md lists all options)')
      : `remove it from the file, and set ${secret.name} or ${secret.name}_FILE in the environment`;
  return {
    key,
    where: where(path),
    ...shown(path, value),
    expected: secret === undefined ? 'a known option' : 'no secret in a file',
    remedy,
  };
}

/** The value of a secret variable, or the content of the file that NAME_FILE names, without its final newline. */
export function secretFrom(
  name: string,
  environment: Record<string, string | undefined>,
  readFile: (path: string) => string,
  faults: Fault[],
): string | undefined {
  const direct = environment[name] || undefined;
  const path = environment[`${name}_FILE`] || undefined;
  if (direct !== undefined && path !== undefined) {
    faults.push({
      key: name,
      where: 'environment',
      value: MASK,
      expected: `${name} or ${name}_FILE, not both`,
      remedy: 'unset one of them',
    });
  }
  if (direct !== undefined || path === undefined) return direct;
  try {
    return readFile(path).replace(/\r?\n$/, '');
  } catch (error) {
    faults.push({
      key: `${name}_FILE`,
      where: 'environment',
      value: path,
      expected: 'the name of a readable file',
      remedy: (error as Error).message,
    });
    return undefined;
  }
}

export function tooShort(name: string, secret: string | undefined, faults: Fault[]) {
  if (secret === undefined || secret.length >= SECRET_LENGTH) return;
  faults.push({
    key: name,
    where: 'environment',
    value: MASK,
    expected: `at least ${SECRET_LENGTH} characters`,
    remedy: `it has ${secret.length}; make a new one: ${makeSecret}`,
  });
}

const makeSecret = 'openssl rand -base64 32';

export function missingSecret(): Fault {
  return {
    key: 'PEDEL_SECRET',
    where: 'environment',
    expected: `the sealing key, at least ${SECRET_LENGTH} characters`,
    remedy: `make one with '${makeSecret} > pedel.secret', keep it safe and private, and set PEDEL_SECRET_FILE=pedel.secret`,
  };
}
