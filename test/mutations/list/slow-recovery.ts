/** Slow recovery of a lost second step: never mail alone, nothing before the wait, and the owner stops it (rules 7, 8, 11). */
import type { Mutation } from '../mutation.ts';

const domain = ['test/domain/slow-recovery.test.ts'];
const web = ['test/web/slow-recovery.test.ts'];
const state = 'src/domain/factors/slow-recovery.ts';
const steps = 'src/domain/factors/slow-recovery-steps.ts';

export const slowRecovery: Mutation[] = [
  {
    id: 'recovery-without-password',
    rule: 7,
    tests: web,
    file: 'src/web/sign-in/recover-slowly.ts',
    search:
      "if (account === undefined || next.step !== 'second-factor' || !signIn.amr.includes('pwd')) return flow.goOn(ctx);",
    replace: 'if (account === undefined) return flow.goOn(ctx);',
    why: 'whatever else begins a sign-in begins a recovery too',
  },
  {
    id: 'recovery-with-a-role',
    rule: 7,
    tests: domain,
    file: state,
    search: 'if (current.length === 0 || account.roles.length > 0) return undefined;',
    replace: 'if (current.length === 0) return undefined;',
    why: 'who reads an administrator’s mailbox waits three days and administers',
  },
  {
    id: 'recovery-where-one-allows',
    rule: 7,
    tests: domain,
    file: state,
    search: 'return days.every((each) => each > 0)',
    replace: 'return days.some((each) => each > 0)',
    why: 'an organisation that wants none has it by a second affiliation of the person',
  },
  {
    id: 'recovery-before-the-wait',
    rule: 7,
    tests: domain,
    file: state,
    search: 'now >= until;',
    replace: 'now >= until - 3 * DAY_MS;',
    why: 'who has password and mailbox sets up a second step at once',
  },
  {
    id: 'recovery-entitles-after-stop',
    rule: 7,
    tests: domain,
    file: 'src/domain/factors/enrolment.ts',
    search: '      const ripe = recovery !== undefined && isRipe(recovery, now);',
    replace: '      const ripe = recovery === undefined || isRipe(recovery, now);',
    why: 'an enrolment that was open goes on after the owner stopped the recovery',
  },
  {
    id: 'recovery-outlives-the-epoch',
    rule: 8,
    tests: domain,
    file: state,
    search: 'if (slowRecovery.epoch !== account.credentialsEpoch || account.passwordExpiredAt !== undefined)',
    replace: 'if (account.passwordExpiredAt !== undefined)',
    why: 'a new password of the owner, or signing out everywhere, does not stop the thief who knew the old one',
  },
  {
    id: 'recovery-code-of-an-older-epoch',
    rule: 8,
    tests: domain,
    file: steps,
    search: "each.purpose !== 'recovery' || each.epoch === account.credentialsEpoch",
    replace: 'each.id !== account.id',
    why: 'a code from before the password changed begins a recovery',
  },
  {
    id: 'recovery-not-stopped-by-factor',
    rule: 7,
    tests: domain,
    file: 'src/domain/sign-in/sign-in.ts',
    search: "evidence.kind === 'none' ? undefined : stopByFactor(spent, context)",
    replace: 'undefined as ReturnType<typeof stopByFactor> | undefined',
    why: 'the owner signs in with the second step, and the thief’s wait goes on',
  },
  {
    id: 'recovery-begins-again-at-once',
    rule: 7,
    tests: domain,
    file: state,
    search: "  if (pauseEnds > context.now) return { kind: 'paused', until: pauseEnds };\n",
    replace: '',
    why: 'what the owner stopped begins anew the same second, until he tires',
  },
  {
    id: 'recovery-code-begins-twice',
    rule: 11,
    tests: domain,
    file: steps,
    search: 'withStopLink({ ...withoutTicket(withoutHalfway(account), id), slowRecovery }, stop, until)',
    replace: 'withStopLink({ ...withoutHalfway(account), slowRecovery }, stop, until)',
    why: 'the code that began the wait is good for more',
  },
  {
    id: 'recovery-get-stops',
    rule: 11,
    tests: web,
    file: 'src/web/recovery/stop-recovery.ts',
    search: '    return holder === undefined ? showDead(ctx) : showLink(ctx, ticket, holder);\n',
    replace:
      "    if (holder !== undefined) await web.update(holder.account.id, (read) => stopRecovery(read, 'email', web.acting(ctx)));\n    return holder === undefined ? showDead(ctx) : showLink(ctx, ticket, holder);\n",
    why: 'a mail scanner that opens links stops every recovery',
  },
  {
    id: 'recovery-told-at-one-address',
    rule: 7,
    tests: domain,
    file: steps,
    search: 'return addressesOf(account).map((to) => ({',
    replace: 'return addressesOf(account).slice(0, 1).map((to) => ({',
    why: 'a thief with the one mailbox is alone in hearing of it',
  },
  {
    id: 'recovery-keeps-old-factors',
    rule: 7,
    tests: domain,
    file: 'src/domain/factors/enrolment.ts',
    search: "pending.proof === 'desk-pass' || pending.proof === 'slow-recovery';\n  const kept",
    replace: "pending.proof === 'desk-pass';\n  const kept",
    why: 'whoever found or stole the lost telephone goes on with it',
  },
];
