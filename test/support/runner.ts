/** What the programs that `npm run` starts share: each says what it takes (`--help`), and in one line what of it is wrong. */
import { Command, InvalidArgumentError } from 'commander';

export const runner = (name: string, description: string): Command =>
  new Command(`npm run ${name} --`).description(description);

/** A whole number within these bounds. */
export function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(`Give a whole number, ${least} to ${most}.`);
    return number;
  };
}

/** What chance is drawn from: the same again lives through the same again. */
export const newSeed = (): number => Math.floor(Math.random() * 2 ** 31);
export const seedOf = whole(0, 2 ** 31 - 1);
