/** The processes that hash and judge passwords. */
import type { Config } from '../config/load.ts';
import { preparePasskeys } from '../domain/factors/passkey.ts';
import { associationWords } from '../domain/passwords/association-words.ts';
import type { Judging } from '../domain/passwords/password.ts';
import type { Hashing } from '../domain/passwords/stored-hash.ts';
import type { Values } from '../domain/ports/values.ts';
import { createJudging } from '../hashing/judging.ts';
import { createKnownWorks } from '../hashing/known-works.ts';
import { prepareMeanwhile } from '../hashing/meanwhile.ts';
import { createHashingPool } from '../hashing/pool.ts';

/** `given` takes the place of our processes in tests; `figures` are of ours. `now`: epoch ms. */
export function createPasswordProcesses(
  config: Pick<Config, 'hashing' | 'installation' | 'organisations' | 'passwords'>,
  values: Pick<Values, 'get'>,
  now: () => number,
  given: { hashing?: Hashing | undefined; judging?: Judging | undefined },
) {
  const { installation, organisations, passwords } = config;
  const pool = createHashingPool({ ...config.hashing, foreignWorks: createKnownWorks(values, now) });
  const judge = createJudging({
    words: associationWords({ name: installation.name, organisations, more: passwords.words }),
  });
  const hashing = given.hashing ?? prepareMeanwhile(pool, preparePasskeys);
  const judging = given.judging ?? judge;
  return {
    hashing,
    judging,
    figures: { hashing: pool, judging: judge },
    async close(): Promise<void> {
      await hashing.close();
      if (given.hashing !== undefined) await pool.close();
      await judging.close();
      if (judging !== judge) await judge.close();
    },
  };
}
