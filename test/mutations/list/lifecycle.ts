/** Rules 12 and 27: what closes an account, opens it again, and erases it. */
import type { Mutation } from '../mutation.ts';

const tests = ['test/domain/suspension.test.ts'];

export const lifecycle: Mutation[] = [
  {
    id: 'suspension-closes-nothing',
    rule: 12,
    tests,
    file: 'src/domain/account/account.ts',
    search: 'if (suspension === undefined || now >= (suspension.until ?? Number.POSITIVE_INFINITY)) {',
    replace: 'if (now >= (suspension?.until ?? 0)) {',
    why: 'an account that is suspended until it is lifted goes on working',
  },
  {
    id: 'suspension-leaves-sessions',
    rule: 12,
    tests,
    file: 'src/domain/lifecycle/suspension.ts',
    search: '    credentialsEpoch: epoch,\n',
    replace: '',
    why: 'the session of a thief works again once the suspension is lifted',
  },
  {
    id: 'suspension-leaves-links',
    rule: 12,
    tests,
    file: 'src/domain/lifecycle/suspension.ts',
    search: '...(forSecurity ? { tickets: [] } : {}),',
    replace: '',
    why: 'a thief of the mailbox replaces the password with a link from before',
  },
  {
    id: 'known-password-opens-after-lift',
    rule: 12,
    tests,
    file: 'src/domain/sign-in/sign-in.ts',
    search: 'account.passwordExpiredAt === undefined\n',
    replace: 'account.passwordExpiredAt !== 0\n',
    why: 'whoever knows the password gets in as soon as the desk lifts the suspension',
  },
  {
    id: 'anybody-suspends',
    rule: 12,
    tests: ['test/use-cases/people.test.ts'],
    file: 'src/use-cases/people/act-on-person.ts',
    search: "if (mayAct !== 'yes') return",
    replace: "if (mayAct === 'himself') return",
    why: 'an agent of one desk locks out the owners',
  },
  {
    id: 'letter-about-a-moved-end',
    rule: 12,
    tests: ['test/domain/end-in-words.test.ts'],
    file: 'src/domain/lifecycle/end-letters.ts',
    search: "isOpen(account, now) && access.kind === 'open' && dayOf(access.until) === data.lastDay",
    replace: 'isOpen(account, now)',
    why: 'a person whose studies were prolonged last night is told in the morning that the account ends',
  },
];
