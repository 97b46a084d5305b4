/** The table of all operations of the API: router, OpenAPI document, readable page and tests are made from it. */
import type { Operation } from './operation.ts';
import { clientChangeOperations } from './operations/client-changes.ts';
import { clientMakingOperations } from './operations/client-making.ts';
import { clientOperations } from './operations/clients.ts';
import { importOperations } from './operations/imports.ts';
import { installationOperations } from './operations/installation.ts';
import { mergingOperations } from './operations/merging.ts';
import { oversightOperations } from './operations/oversight.ts';
import { peopleOperations } from './operations/people.ts';
import { registrationOperations } from './operations/registration.ts';
import { roleOperations } from './operations/roles.ts';
import { secretOperations } from './operations/secrets.ts';
import { sourceOperations } from './operations/sources.ts';
import { webhookOperations } from './operations/webhooks.ts';

export const operations: readonly Operation[] = [
  ...installationOperations,
  ...clientOperations,
  ...clientMakingOperations,
  ...clientChangeOperations,
  ...registrationOperations,
  ...secretOperations,
  ...peopleOperations,
  ...mergingOperations,
  ...importOperations,
  ...sourceOperations,
  ...roleOperations,
  ...webhookOperations,
  ...oversightOperations,
];
