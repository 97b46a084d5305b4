/** The service desk: whom it reaches, and that no agent alone opens an account (rule 9). */
import type { Mutation } from '../mutation.ts';

const domain = ['test/domain/desk.test.ts'];
const web = ['test/web/desk.test.ts'];

export const desk: Mutation[] = [
  {
    id: 'pass-twice-without-colleague',
    rule: 9,
    tests: domain,
    file: 'src/domain/desk/credential-acts.ts',
    search: '  if (deskRecordOf(account, now).acts.length > 0) return true;\n',
    replace: '',
    why: 'one agent gives passes to the same account, or a resent activation and a pass, as often as he likes',
  },
  {
    id: 'pass-after-reset-without-colleague',
    rule: 9,
    tests: domain,
    file: 'src/domain/desk/credential-acts.ts',
    search: 'return link || lately(account.password?.setAt);',
    replace: 'return link;',
    why: 'who has the mailbox resets the password and talks the desk into a pass',
  },
  {
    id: 'agent-approves-himself',
    rule: 9,
    tests: domain,
    file: 'src/domain/desk/credential-acts.ts',
    search: "  if (request.by === by) return refused('same-agent');\n",
    replace: '',
    why: 'one agent is both agents',
  },
  {
    id: 'second-agent-gets-the-pass',
    rule: 9,
    tests: domain,
    file: 'src/domain/desk/credential-acts.ts',
    search: "request.approvedBy === undefined || request.by !== by) return refused('gone');",
    replace: "request.approvedBy === undefined) return refused('gone');",
    why: 'whoever agrees takes the code that another asked for',
  },
  {
    id: 'address-corrected-alone',
    rule: 9,
    tests: domain,
    file: 'src/domain/desk/credential-acts.ts',
    search: "  if (act.kind === 'correct-address') return true;\n",
    replace: '',
    why: 'one agent sends the activation of anybody to an address of his own',
  },
  {
    id: 'spent-pass-adds-again',
    rule: 9,
    tests: domain,
    file: 'src/domain/factors/enrolment.ts',
    search:
      "return pending.ticketId !== undefined && liveTicket(account, pending.ticketId, ['desk-pass'], now) !== undefined;",
    replace: 'return pending.ticketId !== undefined;',
    why: 'a pass adds a factor after its hour, and a second one in another tab',
  },
  {
    id: 'pass-keeps-lost-factors',
    rule: 9,
    tests: domain,
    file: 'src/domain/factors/enrolment.ts',
    search: 'const kept = byPass ? withoutFactors(account) : account;',
    replace: 'const kept = account;',
    why: 'the lost telephone goes on opening the account',
  },
  {
    id: 'desk-acts-on-colleagues',
    rule: 9,
    tests: web,
    file: 'src/use-cases/desk/desk-people.ts',
    search: "  return !grants.some((grant) => isHeldBy(grant, { kind: 'person', id: account.id }));",
    replace: '  return true;',
    why: 'an agent gives a pass for the account of a colleague whose role was granted a moment ago',
  },
  {
    id: 'identity-guessed',
    rule: 9,
    tests: web,
    file: 'src/use-cases/desk/check-identity.ts',
    search: "  if (verdict !== 'wrong') await taken.giveBack();",
    replace: '  await taken.giveBack();',
    why: 'the page that says right or wrong tells every birth date by trying',
  },
  {
    id: 'desk-shows-personal-address',
    rule: 9,
    tests: web,
    file: 'src/web/desk/person.ts',
    search: 'to: account.emails.includes(to) ? to : maskedAddress(to),',
    replace: 'to,',
    why: 'an agent reads the personal address of everybody',
  },
];
