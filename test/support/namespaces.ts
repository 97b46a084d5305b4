/** Network namespaces joined by virtual links, where this process may make them (as root on Linux). */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' });

const PREFIX = 'pedel-test-';

export type Namespaces = ReturnType<typeof namespaces>;

/** Whether any can be made. */
export function canMakeNamespaces(): boolean {
  const name = `${PREFIX}${process.pid}-probe`;
  try {
    ip('netns', 'add', name);
    ip('-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other');
    ip('netns', 'del', name);
    return true;
  } catch {
    return false;
  }
}

/** `names` of namespaces; `remove` takes away all of them and, with them, their lines. */
export function namespaces(...names: string[]) {
  const full = (name: string) => `${PREFIX}${process.pid}-${name}`;
  let lines = 0;

  removeLeftovers();
  for (const name of names) {
    ip('netns', 'add', full(name));
    ip('-n', full(name), 'link', 'set', 'lo', 'up');
  }

  return {
    /** the words before a command that is to run there */
    into: (name: string): string[] => ['ip', 'netns', 'exec', full(name)],

    /** A line between two namespaces, or between one and this process. Returns the address of each end. */
    join(one: string | undefined, other: string): { one: string; other: string; cut: Cuts } {
      lines += 1;
      const [here, there] = [`pt${process.pid % 100_000}-${lines}`, `line${lines}`];
      // of the block for measuring networks (RFC 2544): nobody's
      const net = `198.${18 + (process.pid % 2)}.${((process.pid >> 1) % 80) * 3 + lines}`;
      ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', full(other));
      const within = one === undefined ? [] : ['-n', full(one)];
      if (one !== undefined) ip('link', 'set', here, 'netns', full(one));
      ip(...within, 'addr', 'add', `${net}.1/24`, 'dev', here);
      ip(...within, 'link', 'set', here, 'up');
      ip('-n', full(other), 'addr', 'add', `${net}.2/24`, 'dev', there);
      ip('-n', full(other), 'link', 'set', there, 'up');
      const answers = ['blackhole', `${net}.1/32`];
      return {
        one: `${net}.1`,
        other: `${net}.2`,
        cut: {
          all: () => {
            ip('-n', full(other), 'link', 'set', there, 'down');
            return () => ip('-n', full(other), 'link', 'set', there, 'up');
          },
          answers: () => {
            ip('-n', full(other), 'route', 'add', ...answers);
            return () => ip('-n', full(other), 'route', 'del', ...answers);
          },
        },
      };
    },

    remove(): void {
      for (const name of names) {
        try {
          ip('netns', 'del', full(name));
        } catch {
          // gone, or never made
        }
      }
    },
  };
}

/** Each cuts and returns what joins again; either way nobody is told that a packet was dropped. */
export type Cuts = {
  /** nothing passes */
  all(): () => void;
  /** what `one` sends arrives, what `other` answers does not */
  answers(): () => void;
};

/** Of runs that were killed. */
function removeLeftovers(): void {
  for (const line of ip('netns', 'list').split('\n')) {
    const [name = ''] = line.split(' ');
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) ip('netns', 'del', name);
  }
}
