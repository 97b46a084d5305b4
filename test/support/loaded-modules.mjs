/**
 * For `node --import`: writes the URLs of all modules that the process has loaded into LOADED_MODULES when it ends, with a
 * line `answered` after those that its first answer needed. Tells a process that listens of each later one.
 */
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const ANSWERED = 'answered';
const loaded = [];
registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    if (loaded.includes(ANSWERED)) process.send?.(url);
    return nextLoad(url, context);
  },
});
subscribe('http.server.response.finish', () => {
  if (!loaded.includes(ANSWERED)) loaded.push(ANSWERED);
});
process.on('exit', () => writeFileSync(process.env.LOADED_MODULES, loaded.join('\n')));
