/** All mutations, by rule. */
import type { Mutation } from '../mutation.ts';
import { account } from './account.ts';
import { accountPage } from './account-page.ts';
import { administration } from './administration.ts';
import { api } from './api.ts';
import { applications } from './applications.ts';
import { browser } from './browser.ts';
import { catalogue } from './catalogue.ts';
import { console } from './console.ts';
import { data } from './data.ts';
import { desk } from './desk.ts';
import { ends } from './ends.ts';
import { everything } from './everything.ts';
import { halfway } from './halfway.ts';
import { incidents } from './incidents.ts';
import { lifecycle } from './lifecycle.ts';
import { merge } from './merge.ts';
import { passwords } from './passwords.ts';
import { rateLimits } from './rate-limits.ts';
import { refusals } from './refusals.ts';
import { registration } from './registration.ts';
import { release } from './release.ts';
import { resources } from './resources.ts';
import { roles } from './roles.ts';
import { scim } from './scim.ts';
import { secrets } from './secrets.ts';
import { slowRecovery } from './slow-recovery.ts';
import { storage } from './storage.ts';
import { trials } from './trials.ts';
import { webhooks } from './webhooks.ts';

export const mutations: readonly Mutation[] = [
  ...rateLimits,
  ...merge,
  ...passwords,
  ...ends,
  ...lifecycle,
  ...accountPage,
  ...applications,
  ...api,
  ...resources,
  ...registration,
  ...browser,
  ...console,
  ...data,
  ...desk,
  ...account,
  ...everything,
  ...halfway,
  ...incidents,
  ...release,
  ...refusals,
  ...roles,
  ...scim,
  ...secrets,
  ...slowRecovery,
  ...administration,
  ...storage,
  ...trials,
  ...webhooks,
  ...catalogue,
];
