/** Describes a fault of the configuration: where it is, with what remedy, and with secrets masked. */

export type Fault = {
  key: string;
  /** file and line, or the environment variable */
  where: string;
  /** the given value, with secrets masked; absent: none was given */
  value?: string;
  expected: string;
  remedy: string;
};

/** Stands for a secret. */
export const MASK = '••••••••';

/** How a person writes the place of an option: `organisations[1].colour`. */
export function dottedPath(path: PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${String(step)}`))
    .join('');
}

export function valueAt(root: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Record<PropertyKey, unknown> | null | undefined)?.[step],
    root,
  );
}

/** A value for one line of a report: shortened, and masked if it is a secret. */
export function shown(path: PropertyKey[], value: unknown): { value?: string } {
  if (value === undefined) return {};
  const key = dottedPath(path);
  const words = key.startsWith('passwords.words'); // no passwords, but words that are none
  if (!words && /secret|password|credential|token/i.test(key)) return { value: MASK };
  // a string that looks like a number or boolean is shown in quotes
  const plain = typeof value === 'string' && !/^(?:-?[\d.]+|true|false|)$/.test(value);
  const text = (plain ? value : JSON.stringify(value)).replace(/(:\/\/[^/@:]*:)[^/@]*@/, `$1${MASK}@`);
  return { value: text.length > 80 ? `${text.slice(0, 77)}…` : text };
}

/** In the order of the lines of the file, then those of the environment. */
export function inOrder(faults: Fault[]): Fault[] {
  const line = ({ where }: Fault) =>
    Number(/:(\d+)(?::\d+)?$/.exec(where)?.[1] ?? (where.startsWith('PEDEL_') || where === 'environment' ? 1e9 : 0));
  return faults
    .map((fault, index) => ({ fault, index }))
    .sort((a, b) => line(a.fault) - line(b.fault) || a.index - b.index)
    .map(({ fault }) => fault);
}
