/**
 * Schemathesis asks the management API whatever its document allows, and much that it does not, in sequences that follow
 * what was made: no answer is a fault of ours, and none is outside the document.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { association, closeAll, type Kit, startApi } from '../api/support.ts';
import { backend } from '../support/backend.ts';
import needs from '../support/needs.cjs';

const { schemathesis } = needs.applications;
const settings = fileURLToPath(new URL('schemathesis.toml', import.meta.url));

/**
 * Not `positive_data_acceptance`: whether a registration can be taken is more than its JSON Schema says, and a fault of it
 * is answered by 422, which the document has.
 */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'ignored_auth',
  'use_after_free',
  'ensure_resource_availability',
].join(',');

(schemathesis === undefined ? describe.skip : describe)('Schemathesis', () => {
  let kit: Kit;
  let token: string;
  beforeAll(async () => {
    kit = await startApi({ apiRequestsPerMinute: 1_000_000 });
    ({ token } = await kit.service('schemathesis', [association('owner'), association('auditor')]));
    for (const id of ['library', 'portal', 'webmail'])
      await kit.register({ client_id: id, client_name: id, redirect_uris: [`https://${id}.example/back`] });
    await kit.register({ client_id: 'waiting', client_name: 'waiting', redirect_uris: ['https://w.example/back'] });
    await waits(kit, 'waiting');
  });
  afterAll(closeAll);

  test('finds no server error, and nothing outside the document', async () => {
    const { code, output } = await run(schemathesis ?? '', [
      ...['--config-file', settings, 'run', `${kit.base}/openapi.json`, '--url', kit.base],
      ...['--header', `Authorization: Bearer ${token}`],
      ...['--checks', checks, '--phases', 'examples,coverage,fuzzing,stateful'],
      ...[
        '--max-examples',
        process.env.PEDEL_TEST_EXAMPLES ?? (backend === 'sqlite' ? '8' : '2'),
        '--seed',
        '1',
        '--workers',
        '1',
      ],
      ...['--request-timeout', '10', '--no-color', '--suppress-health-check', 'all'],
      ...['--generation-database', 'none'],
    ]);
    const told = output.replaceAll(token, '…').replace(/^(.{300}).*$/gm, '$1…');
    expect({ code, told }).toEqual({ code: 0, told: expect.stringContaining(' passed') });
  }, 480_000); // half a minute on SQLite, minutes on a busy machine with MongoDB
});

/** As after it registered itself with a token that asks for approval. */
async function waits({ storage }: Kit, id: string): Promise<void> {
  const record = await storage.clients.find(id);
  if (record === undefined) throw new Error(id);
  const terms = {
    organisation: 'kuleuven',
    hosts: ['w.example'],
    kinds: ['web' as const],
    approval: 'required' as const,
    pkce: 'required' as const,
  };
  const registration = { state: 'pending' as const, accessToken: 'x', terms };
  const validUntil = Date.now() + 86_400_000;
  await storage.clients.put({ ...record, revision: record.revision + 1, registration, validUntil }, record.revision);
}

function run(command: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const cwd = mkdtempSync(join(tmpdir(), 'pedel-schemathesis-')); // it keeps what it finds where it runs
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('exit', (code) => {
      rmSync(cwd, { recursive: true, force: true });
      resolve({ code, output });
    });
  });
}
