/** Refusals of applications: what differs, what is safe to keep, and how much a node keeps of a flood. */
import { describe, expect, test } from '@jest/globals';
import { createTranslations, messagesOf } from '../../locales/index.ts';
import { languageIds } from '../../src/domain/account/languages.ts';
import {
  addressDifference,
  isOfRegisteredHost,
  likeliest,
} from '../../src/domain/clients/refusals/address-difference.ts';
import { createNotedRefusals } from '../../src/domain/clients/refusals/noted-refusals.ts';
import {
  bareCodes,
  compared,
  comparedCodes,
  MOST_OF_ANYBODY,
  type NotedRefusal,
  type Refusal,
  refusalCodes,
  refusalId,
  storable,
  told,
  toldCodes,
} from '../../src/domain/clients/refusals/refusal.ts';
import { refusalInWords } from '../../src/domain/clients/refusals/refusal-words.ts';

const back = 'https://toledo.example.edu/app/back';

describe('two addresses', () => {
  test.each([
    [`${back}/`, ['slash'], '/', ''],
    ['https://toledo.example.edu/app', ['path'], '', '/back'],
    ['http://toledo.example.edu/app/back', ['scheme'], '', 's'],
    ['https://toledo.example.edu:8443/app/back', ['port'], ':8443', ''],
    ['https://toledo2.example.edu/app/back', ['host'], '2', ''],
    ['https://toledo.example.edu/App/back', ['case'], 'A', 'a'],
    ['https://Toledo.example.edu/app/back', ['case'], 'T', 't'],
    ['https://toledo.example.edu/app/%62ack', ['encoding'], '%62', 'b'],
    [encodeURIComponent(back), ['encoding'], '%3A%2F%2Ftoledo.example.edu%2Fapp%2F', '://toledo.example.edu/app/'],
    [`${back}?tenant=…`, ['query'], '?tenant=…', ''],
    [` ${back}`, ['space'], ' ', ''],
    ['http://localhost:3000/app/back', ['scheme', 'host', 'port'], '://localhost:3000', 's://toledo.example.edu'],
    ['', ['whole'], '', back],
    [back, [], '', ''],
  ])('%p differs in %p', (got, parts, ofGot, ofExpected) => {
    const difference = addressDifference(got, back);
    expect(difference.parts).toEqual(parts);
    expect([got.slice(...difference.got), back.slice(...difference.expected)]).toEqual([ofGot, ofExpected]);
  });

  test('of several registered ones the likeliest is named: a slash is nearer than a path, a path than a host', () => {
    const registered = [
      'https://elsewhere.example/app/back/',
      'https://toledo.example.edu/other/back',
      back,
      'https://toledo.example.edu/app/back2',
    ];
    expect(likeliest(`${back}/`, registered)).toBe(back);
    expect(likeliest('https://toledo.example.edu/other/bak', registered)).toBe('https://toledo.example.edu/other/back');
    expect(likeliest('https://elsewhere.example/', registered)).toBe('https://elsewhere.example/app/back/');
    expect(likeliest('x', [])).toBeUndefined();
    expect(registered[0]).toBe('https://elsewhere.example/app/back/'); // as it was given
  });

  test('the values of a registered query count for nothing, because those of the request are not kept', () => {
    expect(addressDifference(`${back}?tenant=…`, `${back}?tenant=kuleuven`).parts).toEqual([]);
  });

  test('only an address of a registered host is a correction', () => {
    expect(isOfRegisteredHost(`${back}/x`, [back])).toBe(true);
    for (const strange of [
      'https://toledo.example.edu.evil.example/',
      'https://evil.example#@toledo.example.edu',
      'x:',
      '',
    ])
      expect([strange, isOfRegisteredHost(strange, [back, 'y:', ''])]).toEqual([strange, false]);
  });
});

describe('what is kept', () => {
  test('is bounded, and acts on no terminal and no line', () => {
    expect(storable('x'.repeat(5000))).toBe(`${'x'.repeat(300)}…`);
    expect(storable('a\u0000\u001b[2J\r\nb\u202ec\u2028d\u200fe\u0085')).toBe('a��[2J��b�c�d�e�');
    expect(storable(`${'x'.repeat(299)}🌱`).isWellFormed()).toBe(true);
    expect(compared('scope-unregistered', '\u0000', '\u0000')).toEqual({
      code: 'scope-unregistered',
      got: '�',
      expected: '�',
    });
    expect(told('client-unknown', 'x'.repeat(32)).got).toBe(`${'x'.repeat(24)}…`);
  });

  test('is equal where application, code and what came are equal', () => {
    const party = { client: 'a' };
    const refusal = told('other', 'x');
    const id = refusalId({ party, refusal });
    expect(refusalId({ party: { client: 'a' }, refusal: { code: 'other', got: 'x' } })).toBe(id);
    const others: [NotedRefusal['party'], Refusal][] = [
      [{ client: 'b' }, refusal],
      [{ named: 'a' }, refusal],
      [{}, refusal],
      [party, told('request-invalid', 'x')],
      [party, told('other', 'y')],
    ];
    expect(new Set([id, ...others.map(([whose, what]) => refusalId({ party: whose, refusal: what }))]).size).toBe(6);
  });
});

test.each(languageIds)('every code has a sentence and a remedy in %s, and no sentence is left over', (language) => {
  const say = createTranslations()(language);
  const samples: Refusal[] = [
    ...comparedCodes.map((code) => compared(code, `${back}/`, back)),
    ...toldCodes.map((code) => told(code, 'x')),
    ...bareCodes.map((code) => ({ code })),
  ];
  for (const refusal of samples) {
    const { sentence, remedy } = refusalInWords(refusal, say);
    expect([refusal.code, sentence.length > 10, remedy.length > 10]).toEqual([refusal.code, true, true]);
  }
  const used = new Set([...refusalCodes].flatMap((code) => [`problems.${code}`, `problems.${code}_remedy`]));
  const keys = Object.keys(messagesOf(language)).filter((key) => key.startsWith('problems.'));
  expect(keys.filter((key) => !used.has(key) && !key.startsWith('problems.difference_'))).toEqual([]);
  expect(refusalInWords(compared('redirect-uri-unregistered', `${back}/`, back), say).difference).toMatchObject({
    parts: ['slash'],
    inWords: say('problems.difference_slash'),
  });
});

describe('rule 30: a flood', () => {
  const noted = (client: string, got: string): NotedRefusal => ({
    party: { client },
    refusal: told('other', got),
    proven: false,
    firstAt: 1,
    lastAt: 1,
    count: 1,
  });

  test('of one application takes as many places in memory as an hour has, and the rest is counted', () => {
    const memory = createNotedRefusals();
    for (let n = 0; n < 10_000; n += 1) memory.add(noted('a', String(n)));
    memory.add({ ...noted('a', 'its own'), proven: true });
    memory.add(noted('b', 'x'));
    const taken = memory.take();
    expect(taken).toHaveLength(MOST_OF_ANYBODY + 3);
    expect(taken.find(({ refusal }) => refusal.code === 'further')?.count).toBe(10_000 - MOST_OF_ANYBODY);
    expect(taken.filter(({ proven }) => proven)).toHaveLength(1);
    expect(memory.take()).toEqual([]);
  });

  test('of all applications stays within what one write takes', () => {
    const memory = createNotedRefusals(200, 50);
    for (let n = 0; n < 10_000; n += 1) memory.add(noted(`client ${n}`, 'x'));
    // a quarter of 200 is left to others, and as many as fit are only counted
    expect(memory.take()).toHaveLength(400);
    expect(memory.add(noted('client 1', 'x'))).toBe(true);
    expect([memory.isKnown(noted('client 1', 'x')), memory.isKnown(noted('client 2', 'x'))]).toEqual([true, false]);
  });
});
