import { expect, test } from '@jest/globals';
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
  });
}
