import { expect, test } from '@jest/globals';
import { chainHash } from '../../../src/domain/audit/audit-chain.ts';
import { createChainCheck } from '../../../src/domain/audit/chain-check.ts';
import type { AuditEntry, AuditLog } from '../../../src/domain/ports/audit-log.ts';
import { together } from './together.ts';

/** The log keeps whatever it is given: of this or of another version. */
type Written = AuditEntry & Parameters<AuditLog['append']>[0];

const entry = (id: string, change: Partial<AuditEntry> = {}): Written =>
  ({ id, at: 1, action: 'sign-in', actor: { kind: 'person', id: 'p' }, ...change }) as Written;

export function auditLogContract(auditLog: () => AuditLog): void {
  const ids = async (...page: Parameters<AuditLog['page']>) => (await auditLog().page(...page)).map(({ id }) => id);

  test('the same id twice keeps the first, however many append it', async () => {
    await together(20, (caller) => auditLog().append(entry('e', { details: { caller: String(caller) } })));
    const [first, ...others] = await auditLog().page({}, undefined, 9);
    expect(others).toEqual([]);
    await auditLog().append(entry('e', { action: 'something else' }));
    expect(await auditLog().page({}, undefined, 9)).toEqual([first]);
  });

  test('an entry comes back whole', async () => {
    const whole = entry('e', { subject: 's', client: 'c', network: 'n', details: { a: 'b' }, sealedValues: 'v' });
    await auditLog().append(whole);
    expect(await auditLog().page({}, undefined, 9)).toEqual([whole]);
  });

  test('pages run from the newest to the oldest, by id within one millisecond, and miss nothing', async () => {
    await together(20, (caller) =>
      auditLog().append(entry(`e${String(caller).padStart(2, '0')}`, { at: Math.floor(caller / 8) })),
    );
    const seen: AuditEntry[] = [];
    for (;;) {
      const page = await auditLog().page({}, seen.at(-1), 3);
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect(seen.map(({ id }) => id)).toEqual(
      Array.from({ length: 20 }, (_, index) => `e${String(19 - index).padStart(2, '0')}`),
    );
  });

  test('entries are filtered by whom, what, through which client and when', async () => {
    await auditLog().append(entry('1', { at: 1, subject: 's', client: 'c' }));
    await auditLog().append(entry('2', { at: 2, subject: 's', action: 'sign-out' }));
    await auditLog().append(entry('3', { at: 3, subject: 't', client: 'c' }));
    expect(await ids({ subject: 's' }, undefined, 9)).toEqual(['2', '1']);
    expect(await ids({ action: 'sign-in' }, undefined, 9)).toEqual(['3', '1']);
    expect(await ids({ client: 'c' }, undefined, 9)).toEqual(['3', '1']);
    expect(await ids({ subject: 's', action: 'sign-in', client: 'c' }, undefined, 9)).toEqual(['1']);
    expect(await ids({ from: 2, to: 3 }, undefined, 9)).toEqual(['2']);
    expect(await ids({ client: 'c' }, { at: 3, id: '3' }, 9)).toEqual(['1']);
    expect(await ids({ subject: 'nobody' }, undefined, 9)).toEqual([]);
    await auditLog().append(entry('4', { actor: { kind: 'command', id: 'root' } }));
    expect(await ids({ actor: 'root' }, undefined, 9)).toEqual(['4']);
    expect(await ids({ actor: 'p', subject: 't' }, undefined, 9)).toEqual(['3']);
  });

  test('entries make chains without a gap, however many append at once and however often one comes again', async () => {
    await together(40, (caller) => auditLog().append(entry(`e${caller % 25}`, { subject: `s${caller % 25}` })));
    const all = await auditLog().chained(undefined, 99);
    expect(all.map(({ id }) => id).sort()).toEqual(Array.from({ length: 25 }, (_, n) => `e${n}`).sort());
    const faults: unknown[] = [];
    const check = createChainCheck((fault) => faults.push(fault));
    for (const head of await auditLog().heads()) check.expect(head);
    for (const each of all) check.see(each);
    const { chains, ...counted } = check.end();
    expect([counted, faults]).toEqual([{ entries: 25, unsigned: 0, left: 0 }, []]);
    expect(await auditLog().heads()).toHaveLength(chains);
    const pages: typeof all = [];
    for (let page = [...all]; page.length > 0; ) {
      page = await auditLog().chained(pages.at(-1)?.chain, 7);
      pages.push(...page);
    }
    expect(pages).toEqual(all);
    expect(await auditLog().loose({ from: 0, to: Number.MAX_SAFE_INTEGER }, undefined, 9)).toEqual([]);
  });

  test('the hash of an entry is over all of it, whatever characters it has', async () => {
    const strange = entry('e', { details: JSON.parse('{"b":"\\ud83c","a.b":"🌱","__proto__":"\\u0000","$x":""}') });
    await auditLog().append(strange);
    const [stored] = await auditLog().chained(undefined, 9);
    const { node = '', hash } = stored?.chain ?? {};
    expect(stored?.entry).toEqual(strange);
    expect(chainHash(strange, node, 1, '')).toBe(hash);
  });

  test('the oldest of a chain are deleted up to a place, in steps, and the chain goes on behind it', async () => {
    for (let n = 1; n <= 12; n += 1) await auditLog().append(entry(`e${n}`, { at: 10 + n }));
    const all = await auditLog().chained(undefined, 99);
    const { node = '' } = all.find(({ id }) => id === 'e1')?.chain ?? {};
    const places = async () =>
      (await auditLog().chained(undefined, 99)).flatMap(({ chain }) => (chain.node === node ? [chain.seq] : []));
    const before = await places();
    const others = all.length - before.length;
    expect(await auditLog().oldest()).toBe(11);
    expect(await auditLog().prune({ node: 'another', seq: 9 }, 9)).toBe(0);
    expect(await auditLog().prune({ node, seq: 3 }, 2)).toBe(2);
    await together(4, () => auditLog().prune({ node, seq: 3 }, 2));
    expect(await places()).toEqual(before.slice(3));
    expect(await auditLog().prune({ node, seq: 3 }, 2)).toBe(0);
    expect(await auditLog().oldest()).toBeGreaterThan(11);

    const last = all.filter(({ chain }) => chain.node === node).at(-1)?.chain;
    const seq = last?.seq ?? 0;
    await auditLog().prune({ node, seq }, 99); // SQLite keeps the last one, on which the next hangs
    for (const id of ['f', 'g']) await auditLog().append(entry(id)); // of two processes each its own chain
    const next = (await auditLog().chained({ node, seq }, 1))[0];
    expect(next?.chain.hash).toBe(chainHash(next?.entry as AuditEntry, node, seq + 1, last?.hash ?? ''));
    await auditLog().prune({ node, seq }, 99);
    expect((await places())[0]).toBe(seq + 1);
    expect(await auditLog().pruneLoose(Number.MAX_SAFE_INTEGER, 99)).toBe(0);
    expect(await auditLog().chained(undefined, 99)).toHaveLength(others + 2);
  });

  test('of several checkpoints of one number the first is kept', async () => {
    const checkpoint = { number: 1, at: 1, previousHash: '', heads: [], looseTo: 0 };
    const added = await together(9, (caller) => auditLog().addCheckpoint({ ...checkpoint, mac: `${caller}` }));
    expect(added.filter((each) => each)).toHaveLength(1);
    expect(await auditLog().addCheckpoint({ ...checkpoint, number: 12, mac: 'm' })).toBe(true);
    expect(await auditLog().addCheckpoint({ ...checkpoint, number: 3, mac: 'm' })).toBe(true);
    expect((await auditLog().checkpoints(0, 9)).map(({ number }) => number)).toEqual([1, 3, 12]);
    expect((await auditLog().checkpoints(1, 1)).map(({ number }) => number)).toEqual([3]);
  });
}
