/** "A year ends" of docs/journeys.md, as its reader lives through it: warned, ended, told, and back by the command that the demo prints. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { demoPassword } from '../../demo/people.ts';
import { startCampus, until } from '../support/campus.ts';
import { httpVisitor } from '../support/http-visitor.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('who is not enrolled again is warned, ended and told, and is told again and comes back once she is', async () => {
  const campus = await startCampus({ nodes: 1, clock: '2099-10-25' });
  try {
    const letter = (subject: string) =>
      until(
        async () => (await campus.letters('emma.willems@example.org')).find((each) => each.subject.startsWith(subject)),
        () => `no letter "${subject}"`,
        90_000, // "within a minute"
      );
    const account = async () => {
      const emma = httpVisitor({ 'accept-language': 'en' });
      await emma.open(`${campus.urls.pedel}/account`);
      await emma.press('sign-in', { login: 'r0077777', password: demoPassword });
      return emma.page().html;
    };
    expect(await account()).toContain('Your account ends on 31 October 2099 at midnight, in 6 days.');
    await letter('Your account ends on 31 October 2099');

    await httpVisitor().send(`${campus.urls.mailbox}/clock`, { to: '2099-11-01' });
    await letter('Your account has ended');
    expect(await account()).toContain('Your account ended on 31 October 2099 at midnight.');

    const [command = ''] = /^( +\w+=.*\n)* *bin\/pedel people import [^\n]+/m.exec(campus.output()) ?? [];
    await promisify(execFile)('sh', ['-c', command], { cwd: root });
    await letter('Your account is open again');
    expect(await account()).toContain('Hello Emma');
  } finally {
    await campus.stop();
  }
}, 400_000);
