// Loaded before Pedel (NODE_OPTIONS=--import): every password is right at once, and all else is as it is. This is how the
// flow around the hash is measured; nobody else has a use for it.
import { registerHooks } from 'node:module';

const POOL = '/src/hashing/pool.ts';

registerHooks({
  load(url, context, next) {
    if (!url.endsWith(POOL)) return next(url, context);
    const source = `
      import * as real from '${url}?real';
      export function createHashingPool(options) {
        const pool = real.createHashingPool(options);
        return Object.assign(pool, { verify: async () => ({ matches: true, outdated: false }) });
      }`;
    return { format: 'module', shortCircuit: true, source };
  },
});
