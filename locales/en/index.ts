/** English. Its keys are the keys of every language. */
import { account } from './account.ts';
import { activation } from './activation.ts';
import { activity } from './activity.ts';
import { auditDetails } from './audit-details.ts';
import { catalogue } from './catalogue.ts';
import { clientKeys } from './client-keys.ts';
import { console } from './console.ts';
import { consoleImports } from './console-imports.ts';
import { consolePeople } from './console-people.ts';
import { consoleProblems } from './console-problems.ts';
import { consoleRegistration } from './console-registration.ts';
import { consoleRoles } from './console-roles.ts';
import { consoleSources } from './console-sources.ts';
import { consoleWebhooks } from './console-webhooks.ts';
import { desk } from './desk.ts';
import { device } from './device.ts';
import { incidents } from './incidents.ts';
import { letters } from './letters.ts';
import { lifecycle } from './lifecycle.ts';
import { mail } from './mail.ts';
import { operation } from './operation.ts';
import { pages } from './pages.ts';
import { personal } from './personal.ts';
import { problems } from './problems.ts';
import { settings } from './settings.ts';
import { signIn } from './sign-in.ts';

export default {
  pages,
  signIn,
  activation,
  account,
  activity,
  auditDetails,
  personal,
  desk,
  device,
  incidents,
  letters,
  lifecycle,
  mail,
  problems,
  catalogue,
  console,
  operation,
  settings,
  clientKeys,
  consoleImports,
  consolePeople,
  consoleProblems,
  consoleRegistration,
  consoleRoles,
  consoleSources,
  consoleWebhooks,
};
