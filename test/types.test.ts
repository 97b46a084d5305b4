/** What is misspelt where a page is shown, an email sent or an entry audited does not compile. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Of each pair the first compiles and the second does not. */
const pairs: [right: string, wrong: string][] = [
  [
    `pages.render(ctx, 'activation/email', { number: 'r0', typed: '' }, page)`,
    `pages.render(ctx, 'activation/emal', { number: 'r0', typed: '' }, page)`,
  ],
  [
    `pages.render(ctx, 'logout/done', { application: 'Toledo', clientUri: undefined }, page)`,
    `pages.render(ctx, 'logout/done', { aplication: 'Toledo', clientUri: undefined }, page)`,
  ],
  [
    `pages.render(ctx, 'activation/too-many', { error: 'No' }, page)`,
    `pages.render(ctx, 'activation/too-many', { eror: 'No' }, page)`,
  ],
  [
    `emailTo(account, 'a@b.be', 'factor-removed', { factor: 'Key' }, context)`,
    `emailTo(account, 'a@b.be', 'factor-removed', { factr: 'Key' }, context)`,
  ],
  [
    `notices(account, 'password-changed', {}, context)`,
    `notices(account, 'password-changed', { factor: 'Key' }, context)`,
  ],
  [`notices(account, 'password-known', {}, context)`, `notices(account, 'pasword-known', {}, context)`],
  [
    `personAudit(account, 'reset.factor-proven', { with: 'totp' }, context)`,
    `personAudit(account, 'reset.factor-proven', { by: 'totp' }, context)`,
  ],
  [
    `log.append({ id: '1', at: 1, actor, action: 'role.granted', details: { role: 'owner' } })`,
    `log.append({ id: '1', at: 1, actor, action: 'role.granted', details: { rôle: 'owner' } })`,
  ],
  [
    `log.append({ id: '1', at: 1, actor, action: 'consent.given' })`,
    `log.append({ id: '1', at: 1, actor, action: 'consent.gave' })`,
  ],
  [`t('pages.language')`, `t('pages.langauge')`],
  [`inEveryLanguage((language) => name[language])`, `inEveryLanguage((language) => name.tlh + language)`],
];

test('each misspelt name is an error of the compiler, and nothing else is', async () => {
  const from = (file: string) => JSON.stringify(join(root, file));
  const head = `import type Koa from 'koa';
import type { Translate } from ${from('locales/index.ts')};
import type { Account } from ${from('src/domain/account/account.ts')};
import { inEveryLanguage, type Localized } from ${from('src/domain/account/languages.ts')};
import { emailTo, notices } from ${from('src/domain/account/notifications.ts')};
import { personAudit } from ${from('src/domain/factors/factor.ts')};
import type { AuditLog } from ${from('src/domain/ports/audit-log.ts')};
import type { PageOptions, Pages } from ${from('src/http/page.ts')};
declare const [ctx, pages, page]: [Koa.Context, Pages, PageOptions];
declare const [account, log, t, name]: [Account, AuditLog, Translate, Localized];
const context = { organisations: [], now: 0 };
const actor = { kind: 'system' } as const;
`;
  const lines = [...head.trimEnd().split('\n'), ...pairs.flat()];
  // inside the project, where packages are found
  const folder = mkdtempSync(join(root, 'node_modules', '.types-'));
  try {
    writeFileSync(join(folder, 'names.ts'), `${lines.join(';\n')};\nexport {};\n`);
    const config = { extends: join(root, 'tsconfig.json'), include: ['names.ts'] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '--pretty', 'false', '-p', folder];
    const output = await promisify(execFile)(process.execPath, compiler).then(
      ({ stdout }) => stdout,
      (error: { stdout: string }) => error.stdout,
    );
    const faulty = [...output.matchAll(/names\.ts\((\d+),/g)].map(([, line]) => lines[Number(line) - 1]);
    expect([...new Set(faulty)]).toEqual(pairs.map(([, wrong]) => wrong));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);
