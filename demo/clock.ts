/**
 * The clock of a demonstration that starts on another day and is moved on by hand: how far it is ahead stands in a file that
 * all processes of the demo read, so that Pedel, the applications and the mailbox agree.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

/** Names the file; the demo sets it. */
export const CLOCK_FILE = 'DEMO_CLOCK';

/** Milliseconds ahead of the machine's clock. */
export function readAhead(file: string): number {
  const ahead = Number(readFileSync(file, 'utf8'));
  if (!Number.isFinite(ahead)) throw new TypeError(`${file} holds no number`);
  return ahead;
}

/** Never back: what was written stays in the past. */
export function moveOn(file: string, ms: number): void {
  writeAhead(file, readAhead(file) + Math.max(0, ms));
}

function writeAhead(file: string, ahead: number): void {
  writeFileSync(`${file}.new`, String(ahead), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** After so long every process has seen what was written. */
export const LOOK_EVERY_MS = 200;

/**
 * Shifts the clock of this process: `Date`, because libraries ask nothing else, and what has elapsed, which moves on with it
 * (a node whose clock leaps while no time has passed takes it for wrong). Timers keep their pace.
 */
export function shiftClock(file: string): void {
  const Real = Date;
  const elapsed = performance.now.bind(performance);
  const atStart = readAhead(file);
  let known = { ahead: atStart, mtimeMs: 0, lookedAt: Number.NEGATIVE_INFINITY };
  const ahead = () => {
    if (elapsed() - known.lookedAt < LOOK_EVERY_MS) return known.ahead;
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: known.mtimeMs };
    known = { ahead: mtimeMs === known.mtimeMs ? known.ahead : readAhead(file), mtimeMs, lookedAt: elapsed() };
    return known.ahead;
  };
  const now = () => Real.now() + ahead();
  globalThis.Date = new Proxy(Real, {
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now()] : args, made),
    apply: () => new Real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  performance.now = () => elapsed() + ahead() - atStart;
}
