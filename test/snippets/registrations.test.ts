/** Registrations in documents are ones that `clients apply` takes. */
import { expect, test } from '@jest/globals';
import { readClientMetadata } from '../../src/domain/clients/metadata/client-metadata.ts';
import { snippet } from './documents.ts';

test('registrations of an API, of an application and of a service are without fault', () => {
  const code = snippet(
    'docs/decisions/resource-servers.md: An API is described by the registration of its client, and asked for by name: json',
  );
  const read = (JSON.parse(code) as unknown[]).map((registration) => readClientMetadata(registration));
  expect(read.map((each) => ('faults' in each ? each.faults : []))).toEqual([[], [], []]);
});
