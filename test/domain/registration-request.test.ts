/** What an application may say of itself: names that people read as they are, addresses that lead where they seem to. */
import { expect, test } from '@jest/globals';
import { readRegistration } from '../../src/domain/registration/registration-request.ts';
import type { RegistrationTerms } from '../../src/domain/registration/terms.ts';

const terms: RegistrationTerms = {
  organisation: 'kuleuven',
  hosts: ['app.lab.example', '*.lab2.example'],
  kinds: ['web', 'native'],
  approval: 'required',
  pkce: 'required',
};
const good = { client_name: 'Lab app', redirect_uris: ['https://app.lab.example/cb'] };

function faultsOf(change: object): string[] {
  const read = readRegistration({ ...good, ...change }, { id: 'dyn-1', terms });
  return 'faults' in read ? read.faults.map(({ member, remedy }) => `${member}: ${remedy}`) : [];
}

test('a name has no signs that nobody sees, with which it would look like another', () => {
  const unseen = ['\u200b', '\u061c', '\u2028', '\u00ad', '\u3164', '\u{e0041}', '\ud800', '\0', '\u202e', '\n'];
  const remedy = 'leave out line breaks and other characters that nobody sees';
  for (const sign of unseen) {
    expect(faultsOf({ client_name: `KU${sign} Loket` })).toContain(`client_name: ${remedy}`);
    expect(faultsOf({ contacts: [`a${sign}@lab.example`] })).toContain(`contacts: ${remedy}`);
  }
  for (const name of ['Café 🏛️', 'Ünïversität', 'مكتبة', '図書館', 'R&D <1> \\u0041'])
    expect(faultsOf({ client_name: name })).toEqual([]);
});

test('a name is more than spaces and signs', () => {
  const remedy = 'give a name with letters or digits, or leave it out';
  for (const name of [' ', '\u00a0', '…', '🏛️'])
    expect(faultsOf({ client_name: name })).toEqual([`client_name: ${remedy}`]);
  expect(faultsOf({ 'client_name#nl': ' ' })).toEqual([`client_name#nl: ${remedy}`]);
});

test('an address has no user before its host, and is written in full', () => {
  const user = 'remove the user and password before the @';
  for (const uri of ['https://bank.example@app.lab.example/cb', 'https://bank.example:x@app.lab.example/cb']) {
    expect(faultsOf({ redirect_uris: [uri] })).toEqual([`redirect_uris: ${user}`]);
    expect(faultsOf({ post_logout_redirect_uris: [uri] })).toEqual([`post_logout_redirect_uris: ${user}`]);
    for (const member of ['client_uri', 'initiate_login_uri', 'backchannel_logout_uri', 'policy_uri', 'jwks_uri'])
      expect(faultsOf({ [member]: uri })).toEqual([`${member}: ${user}`]);
  }
  const whole = 'write it in full, without spaces and backslashes: https://app.example.edu/back';
  for (const uri of [
    ' https://app.lab.example/cb',
    'https:app.lab.example/cb',
    'https:\\\\app.lab.example/cb',
    'https://app.lab.example/c b',
    'https://.lab2.example/cb',
  ])
    expect(faultsOf({ redirect_uris: [uri] })).toEqual([`redirect_uris: ${whole}`]);
});
