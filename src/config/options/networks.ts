/** Networks by address, and those with a name and limits of their own. */
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { limits, type NetworkLimit, networkLimits } from '../../domain/rate-limits/limits.ts';
import { option } from './option.ts';

export const network = z.string().refine((value) => value.includes('/') && ipaddr.isValidCIDR(value), {
  error: 'write each as address/bits, for example 10.0.0.0/8 or fd00::/8 (a single address: 192.0.2.7/32)',
});

const networkLimitPurposes: Record<NetworkLimit, string> = {
  passwordPerLoginAndNetwork: 'wrong passwords for one login',
  loginsFailedPerNetwork:
    'logins, known or not, with a wrong password; beyond it tries wait behind those of others, but a right password opens',
  accountsFailedPerNetwork: 'logins of accounts with a wrong password; beyond it only known browsers and passkeys open',
  numbersPerNetwork: 'user numbers looked up at /activate',
  mailsPerNetwork: 'codes and links asked for by email',
  codesPerNetwork: 'emailed codes, and codes of devices, typed wrongly',
  judgementsPerNetwork: 'new passwords judged while somebody types them',
  megabytesBegunPerNetwork:
    'megabytes of sign-ins that people who are not signed in begin on one node, about a kilobyte each; browsers that signed in before are not counted',
};

const triesIn = Object.fromEntries(
  networkLimits.map((limit) => {
    const { tries, windowSeconds } = limits[limit];
    const purpose = `In ${windowSeconds / 60} minutes: ${networkLimitPurposes[limit]}`;
    const schema = z.int().min(1).max(1_000_000).exactOptional();
    return [limit, option(schema, { purpose, expected: 'a whole number, 1 to 1000000', example: String(tries * 10) })];
  }),
) as Record<NetworkLimit, z.ZodExactOptional<z.ZodInt>>;

export const networkLimitsSchema = z.strictObject(triesIn);

export const namedNetwork = z.strictObject({
  name: option(z.string().regex(/^[a-z][a-z0-9-]{0,31}$/), {
    purpose: 'Short name, in the log and the metrics',
    expected: 'small letters, digits and dashes, beginning with a letter',
    example: 'campus',
  }),
  cidrs: option(z.array(network).min(1).max(1000), {
    purpose: 'Its networks; each address in them is counted by itself (IPv6: each /64, /56 and /48)',
    expected: 'a list of networks (address/bits)',
    example: '[192.0.2.0/28, 2001:db8::/40]',
  }),
  limits: option(networkLimitsSchema.prefault({}), {
    purpose: 'Its limits; those that are absent stay as they are elsewhere',
    expected: 'numbers by name of the limit',
    example: '{ accountsFailedPerNetwork: 3000 }',
  }),
  sharedComputers: option(z.boolean().exactOptional(), {
    purpose:
      'Whether its computers are used by many and forget their browsers, as those of computer rooms do: a sign-in in a browser there that is new to the account sends no email, and none can be trusted. What happened to the account still tells it',
    expected: 'true or false',
    example: 'true',
  }),
});
