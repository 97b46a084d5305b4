/** A fixed piece of work, done before each burst: where it takes longer, the machine was busy or slower just then. */
import { createHash } from 'node:crypto';

export type Calibration = { cpuMs: number; wallMs: number };

const ROUNDS = 2000;
const text = JSON.stringify(Array.from({ length: 200 }, (_, n) => ({ number: n, name: `person ${n}` })));

export function calibrate(): Calibration {
  const [started, before] = [performance.now(), process.threadCpuUsage()];
  let digest = '';
  for (let n = 0; n < ROUNDS; n += 1)
    digest = createHash('sha256')
      .update(digest + text)
      .digest('hex');
  for (let n = 0; n < ROUNDS / 10; n += 1) digest += JSON.stringify(JSON.parse(text)).length;
  const { user, system } = process.threadCpuUsage(before);
  if (digest === '') throw new TypeError('the work was not done');
  return { cpuMs: (user + system) / 1000, wallMs: performance.now() - started };
}
