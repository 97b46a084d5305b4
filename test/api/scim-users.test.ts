/** People over SCIM: made, read, replaced and deleted by one source, which sees and changes nothing of others. */
import { afterEach, expect, test } from '@jest/globals';
import { closeAll, PEDEL, startScim, user } from './scim-support.ts';

afterEach(closeAll);

test('a person is made, read, replaced and deleted, and reads as it was written', async () => {
  const kit = await startScim();
  const hr = await kit.source('hr');
  const said = user({ [PEDEL]: { numbers: ['r1234567'], affiliations: [{ organisation: 'vives', role: 'student' }] } });
  const made = await hr.add(said);
  expect(made).toMatchObject({ status: 201, body: { ...said, meta: { resourceType: 'User' } } });
  const { id } = made.body;
  expect(made.headers.get('location')).toBe(`${kit.base}/Users/${id}`);
  expect(made.headers.get('content-type')).toBe('application/scim+json');
  const account = await kit.storage.accounts.findByLogin('r1234567');
  expect(account).toMatchObject({
    givenName: 'Kim',
    personalEmail: 'kim@example.org',
    affiliations: [{ organisation: 'vives', role: 'student', source: 'hr' }],
  });
  expect(account?.id).not.toBe(id);
  const read = await hr.call('GET', `/Users/${id}`);
  expect(read).toMatchObject({ status: 200, body: made.body });
  expect(read.headers.get('etag')).toBe(read.body.meta.version);

  const replaced = await hr.call('PUT', `/Users/${id}`, {
    ...made.body,
    name: { givenName: 'Kim', familyName: 'Stone' },
  });
  expect(replaced).toMatchObject({ status: 200, body: { name: { familyName: 'Stone' } } });
  expect((await kit.storage.accounts.findByLogin('r1234567'))?.familyName).toBe('Stone');
  expect((await hr.call('DELETE', `/Users/${id}`)).status).toBe(204);
  expect((await hr.call('GET', `/Users/${id}`)).status).toBe(404);
  expect((await hr.call('DELETE', `/Users/${id}`)).status).toBe(404);
});
