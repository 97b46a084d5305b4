/** scim-sanity probes SCIM by the letter of its standards, in its strict mode. */
import { afterAll, describe, expect, test } from '@jest/globals';
import needs from '../support/needs.cjs';
import { closeAll, run, startJudged } from './scim-kit.ts';

const { scimSanity } = needs.applications;

(scimSanity === undefined ? describe.skip : describe)('scim-sanity', () => {
  afterAll(closeAll);

  test('finds no failure and nothing to warn of', async () => {
    const { base, token } = await startJudged();
    const { code, output } = await run(scimSanity ?? '', [
      ...['probe', base, '--token', token, '--user-domain', 'vives.be', '--strict'],
      ...['--json-output', '--i-accept-side-effects'],
    ]);
    const { summary, results } = JSON.parse(output) as { summary: object; results: { status: string }[] };
    expect(results.filter(({ status }) => !['pass', 'skip'].includes(status))).toEqual([]);
    expect({ code, summary }).toMatchObject({ code: 0, summary: { failed: 0, errors: 0, warnings: 0 } });
    expect(results.filter(({ status }) => status === 'pass').length).toBeGreaterThanOrEqual(18);
  });
});
