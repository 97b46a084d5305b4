/** The console: who passes its gate, and what may be registered there (rules 12, 15, 24). */
import type { Mutation } from '../mutation.ts';

const frame = 'src/web/console/frame.ts';
const gate = ['test/web/console.test.ts'];
const register = ['test/web/console-register.test.ts'];

export const console: Mutation[] = [
  {
    id: 'console-without-role',
    rule: 12,
    tests: gate,
    file: frame,
    search: 'if (!hasAnyRole(administrator.actor)) {',
    replace: 'if (false) {',
    why: 'everybody who is signed in sees the console, also whose role was taken away',
  },
  {
    id: 'console-without-second-factor',
    rule: 12,
    tests: gate,
    file: frame,
    search: 'if (!isMultiFactor(session.amr)) {',
    replace: 'if (false) {',
    why: 'a password alone opens the console',
  },
  {
    id: 'console-list-of-everybody',
    rule: 15,
    tests: gate,
    file: 'src/use-cases/clients/list-clients.ts',
    search: "if (organisations.length === 0) return { kind: 'not-found' };",
    replace: '',
    why: 'the page of applications is there for roles that read none',
  },
  {
    id: 'console-sets-any-member',
    rule: 15,
    tests: register,
    file: 'src/domain/clients/presets/registration-form.ts',
    search: 'if (!isCorrectable(member) || registration[member] === undefined) continue;',
    replace: '',
    why: 'a form that is sent by hand sets members that only an owner may set',
  },
  {
    id: 'console-form-again',
    rule: 24,
    tests: register,
    file: 'src/use-cases/clients/register.ts',
    search: 'origin.form === form && ',
    replace: 'origin.form !== form && ',
    why: 'a form that is sent again is not known by what it made',
  },
  {
    id: 'console-act-without-sign-in',
    rule: 24,
    tests: ['test/web/console-step-up.test.ts'],
    file: frame,
    search: 'if (isRecent(administrator)) {',
    replace: 'if (true) {',
    why: 'a session that was left open does what needs a recent sign-in',
  },
  {
    id: 'console-form-of-another',
    rule: 25,
    tests: ['test/web/console-step-up.test.ts'],
    file: 'src/web/console/kept-form.ts',
    search: 'if (kept === undefined || kept.accountId !== accountId) return undefined;',
    replace: 'if (kept === undefined) return undefined;',
    why: 'a form that one person left waiting is sent by the next one in the same browser',
  },
  {
    id: 'console-attention-to-all',
    rule: 15,
    tests: gate,
    file: 'src/use-cases/attention.ts',
    search: "if (reachOf(actor, 'deliveries:read').length === 0) return [];",
    replace: '',
    why: 'every role hears what could not be delivered',
  },
  {
    id: 'console-refusal-unnoted',
    rule: 28,
    file: 'src/web/console/frame.ts',
    search: "error.reason === 'not-allowed') await note(ctx, administrator);",
    replace: "error.reason === 'bug') await note(ctx, administrator);",
    why: 'nobody learns that somebody tries what his role does not allow',
  },
  {
    id: 'refusal-noted-each-time',
    rule: 28,
    file: 'src/use-cases/audit/note-refusal.ts',
    search: '{ ...entry, id: `refused-${same}` }',
    replace: '{ ...entry, id: `${entry.id}-${same}` }',
    why: 'whoever asks again and again fills the audit log',
  },
];
