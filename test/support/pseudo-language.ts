/** A third language, added to a copy of the installation as docs/translating.md says: one folder and one line. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import english from '../../locales/en/index.ts';
import { copyOfCheckout } from './copy.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** reserved for private use: ISO 639-2, qaa to qtz */
export const pseudoLanguage = 'qps';
const LIST = 'src/domain/account/languages.ts';

/** English in letters that English lacks, 40 % longer inside the words, in brackets: `[Ŝïïĝñ ïñ]`. Values stay as they are. */
export function pseudo(message: string): string {
  const parts = message.split(/(\{\{\w+\}\})/);
  const longer = parts.map((part) => (part.startsWith('{{') ? part : accented(part))).join('');
  return `[${longer}]`;
}

const plain = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const accents = [...'áƀçđéƒğĥíĵķļɱñóþɋŕšťúṽŵẋýžÁƁÇĐÉƑĞĤÍĴĶĻṀÑÓÞɊŔŠŤÚṼŴẊÝŽ'];

function accented(text: string): string {
  let owed = 0;
  return [...text]
    .map((letter) => {
      const found = accents[plain.indexOf(letter)] ?? letter;
      owed += 0.4;
      if (owed < 1 || !/[a-z]/.test(letter)) return found;
      owed -= 1;
      return found + found;
    })
    .join('');
}

/** An installation that speaks it as well, by this line of the list; `remove` when it is no longer used. */
export function withPseudoLanguage(line: string): { folder: string; command: string; remove(): void } {
  const { folder, remove } = copyOfCheckout();
  const locale = join(folder, 'locales', pseudoLanguage);
  mkdirSync(locale);
  for (const [room, messages] of Object.entries(english)) {
    const translated = Object.entries(messages).map(([key, message]) => [key, pseudo(message)]);
    const file = `${room.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`; // signIn: sign-in.ts
    writeFileSync(
      join(locale, file),
      `import type { Messages } from '../messages.ts';\n\nexport const ${room}: Messages['${room}'] = ${JSON.stringify(Object.fromEntries(translated), null, 2)};\n`,
    );
  }
  cpSync(join(root, 'locales/nl/index.ts'), join(locale, 'index.ts'));

  const list = readFileSync(join(root, LIST), 'utf8');
  writeFileSync(join(folder, LIST), list.replace(/\n\] as const/, `\n  ${line.trim()}\n] as const`));
  return {
    folder,
    command: join(folder, 'bin/pedel'),
    remove,
  };
}
