/** `/first-owner`: who follows the link of a first start says who he or she is, and goes on to a password. */
import type Koa from 'koa';
import { z } from 'zod';
import type { MessageKey } from '../../locales/index.ts';
import { readForm, readQuery, text, trimmed } from '../http/form.ts';
import { goTo } from '../http/go-to.ts';
import { languageOf } from '../http/language.ts';
import { faultAt, type PageFault } from '../http/page.ts';
import { type FirstOwnerFault, isOffered, makeFirstOwner } from '../use-cases/roles/first-owner.ts';
import type { Web } from './web.ts';

const form = z.object({
  key: text(100),
  action: text(40),
  givenName: trimmed(100),
  familyName: trimmed(100),
  address: trimmed(254),
});
type Form = Omit<z.output<typeof form>, 'action'>;

const faults: Record<FirstOwnerFault, ['givenName' | 'address', MessageKey]> = {
  name: ['givenName', 'pages.first_owner_no_name'],
  address: ['address', 'pages.first_owner_no_address'],
  'address-taken': ['address', 'pages.first_owner_taken'],
};

export function createFirstOwner(web: Web) {
  const { pages, ports, organisations, sealer } = web;
  const deps = {
    ports,
    organisations,
    sealer,
    now: () => web.now(),
    randomBytes: (size: number) => web.randomBytes(size),
  };

  async function showForm(ctx: Koa.Context, typed: Form, fault?: PageFault): Promise<void> {
    const title = pages.t(ctx)('pages.first_owner_title');
    await pages.render(ctx, 'first-owner/form', { typed, ...fault }, { title });
  }

  async function showDead(ctx: Koa.Context): Promise<void> {
    const title = pages.t(ctx)('pages.first_owner_dead_title');
    await pages.render(ctx, 'first-owner/dead', { signIn: web.sessions.signInUrl('/admin') }, { title, status: 410 });
  }

  /** GET. Changes nothing (rule 11). */
  async function show(ctx: Koa.Context): Promise<void> {
    const { key } = readQuery(ctx, z.object({ key: text(100) }));
    ctx.set('Cache-Control', 'no-store');
    if (!(await isOffered(key, deps))) return showDead(ctx);
    await showForm(ctx, { key, givenName: '', familyName: '', address: '' });
  }

  /** POST. Goes on to the password, by the same rules as everybody's. */
  async function submit(ctx: Koa.Context): Promise<void> {
    const { action: _, ...typed } = await readForm(ctx, form);
    const { key, ...person } = typed;
    const made = await makeFirstOwner(key, { ...person, language: languageOf(ctx) }, deps);
    if (made.kind === 'dead') return showDead(ctx);
    if (made.kind === 'made') return goTo(ctx, `/activate?ticket=${made.ticket}`);
    const t = pages.t(ctx);
    const [field, sentence] = faults[made.fault];
    await showForm(ctx, typed, faultAt(field, t(sentence), t('console.not_possible')));
  }

  return { show, submit };
}
