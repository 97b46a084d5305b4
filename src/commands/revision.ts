/** Reads the number of a revision from the command line. */
import { InvalidArgumentError } from 'commander';

/** @throws InvalidArgumentError */
export function readRevision(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a revision that pedel clients show or pedel clients history prints.');
}
