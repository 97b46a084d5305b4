import { describe, expect, test } from '@jest/globals';
import { showProgress } from '../../src/commands/progress.ts';

function lineOn({ interactive, quiet = false }: { interactive: boolean; quiet?: boolean }) {
  const state = { now: 5000, written: '' };
  const writeError = (text: string) => {
    state.written += text;
  };
  const line = showProgress({ interactive, writeError }, quiet, () => state.now);
  /** What was written by a step that takes `ms`. */
  const writtenAfter = (ms: number, step: (progress: typeof line) => void) => {
    state.now += ms;
    state.written = '';
    step(line);
    return state.written;
  };
  return writtenAfter;
}

describe('progress', () => {
  test('on a terminal is one line, written over ten times a second at most', () => {
    const writtenAfter = lineOn({ interactive: true });
    expect(writtenAfter(0, (line) => line.begin('copying', 'accounts', 5000))).toBe('');
    expect(writtenAfter(99, (line) => line.more(500))).toBe('');
    expect(writtenAfter(1, (line) => line.more(500))).toBe('\r\x1b[Kcopying accounts: 1,000 of 5,000');
    expect(writtenAfter(900, (line) => line.more(1000))).toBe('\r\x1b[Kcopying accounts: 2,000 of 5,000 (2,000/s)');
    expect(writtenAfter(0, (line) => line.end())).toBe('\r\x1b[Kcopying accounts: 2,000 of 5,000 (2,000/s)\n');
    expect(writtenAfter(0, (line) => line.clear())).toBe('\r\x1b[K');
  });

  test('elsewhere is a line every ten seconds, without escape sequences', () => {
    const writtenAfter = lineOn({ interactive: false });
    writtenAfter(0, (line) => line.reach('importing rows', 0, 20_000));
    expect(writtenAfter(9999, (line) => line.reach('importing rows', 10_000, 20_000))).toBe('');
    expect(writtenAfter(1, (line) => line.reach('importing rows', 10_001, 20_000))).toBe(
      'importing rows: 10,001 of 20,000 (1,000/s)\n',
    );
    expect(writtenAfter(5000, (line) => line.reach('importing rows', 15_000, 20_000))).toBe('');
    expect(writtenAfter(0, (line) => line.clear())).toBe('');
  });

  test('another label begins anew', () => {
    const writtenAfter = lineOn({ interactive: true });
    writtenAfter(0, (line) => line.reach('reading rows', 0));
    expect(writtenAfter(1000, (line) => line.reach('reading rows', 1000))).toBe(
      '\r\x1b[Kreading rows: 1,000 (1,000/s)',
    );
    expect(writtenAfter(0, (line) => line.reach('importing rows', 1, 1000))).toBe('');
    expect(writtenAfter(1000, (line) => line.reach('importing rows', 100, 1000))).toBe(
      '\r\x1b[Kimporting rows: 100 of 1,000 (100/s)',
    );
  });

  test('for scripts it says nothing', () => {
    const writtenAfter = lineOn({ interactive: true, quiet: true });
    writtenAfter(0, (line) => line.begin('copying', 'accounts', 1));
    expect(writtenAfter(60_000, (line) => line.more(1))).toBe('');
    expect(writtenAfter(0, (line) => line.end())).toBe('');
    expect(writtenAfter(0, (line) => line.clear())).toBe('');
  });
});
