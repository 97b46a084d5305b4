/** Applications that registered themselves and wait, and the tokens with which applications register themselves. */
import type Koa from 'koa';
import { z } from 'zod';
import { ownerOf } from '../../domain/clients/client-owner.ts';
import { isPending } from '../../domain/clients/client-validity.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { addressesOf, type ClientKind, clientKinds, kindOf } from '../../domain/registration/terms.ts';
import { may, reachOf } from '../../domain/roles/permissions.ts';
import { readForm, trimmed } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { Views } from '../../http/views.ts';
import { fetchLogo } from '../../use-cases/clients/fetch-logo.ts';
import {
  addTokenAs,
  decideRegistration,
  listRegistrations,
  revokeTokenAs,
} from '../../use-cases/registration/administer-registration.ts';
import type { Web } from '../web.ts';
import { warningsIn } from './edit-form.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';

type Shown = Views['console/registration'];
type Typed = Shown['typed'];

const HERE = '/admin/registration';
const seen = z.object({ revision: z.string().regex(/^\d{1,9}$/) });
const tokenForm = z.object({
  organisation: trimmed(80),
  hosts: trimmed(4000),
  kind: trimmed(20),
  uses: trimmed(10),
  days: trimmed(10),
  note: trimmed(400),
});
const nothingTyped: Typed = { organisation: '', hosts: '', kind: 'web', uses: '1', days: '30', note: '' };
const done = {
  approved: 'consoleRegistration.done_approved',
  refused: 'consoleRegistration.done_refused',
  revoked: 'consoleRegistration.done_revoked',
} as const;

export function createRegistration(web: Web, frame: ConsoleFrame) {
  const { ports, pages, now, randomBytes, organisations } = web;
  const clock = { now, randomBytes };
  const ids = organisations.map(({ id }) => id);

  const organisationName = (ctx: Koa.Context, id: string | undefined) =>
    organisations.find((each) => each.id === id)?.name[languageOf(ctx)] ?? id ?? pages.t(ctx)('console.association');

  /** What it says of itself, which is a stranger's text: its name is quoted, and no address is a link. */
  function pendingShown(ctx: Koa.Context, { actor }: Administrator, client: ClientRecord): Shown['pending'][number] {
    const { client_name: name, logo_uri: logo } = client.metadata;
    return {
      id: client.id,
      path: `${HERE}/${encodeURIComponent(client.id)}`,
      name: typeof name === 'string' ? name.slice(0, 200) : client.id,
      kind: pages.t(ctx)(`consoleRegistration.kind_${kindOf(client.metadata)}`),
      organisation: organisationName(ctx, ownerOf(client)),
      addresses: addressesOf(client.metadata, 'redirect_uris'),
      logo: typeof logo === 'string' ? logo : undefined,
      since: client.createdAt,
      revision: client.revision,
      mayDecide: may(actor, 'registration:write', ownerOf(client)) === 'yes',
    };
  }

  async function render(
    ctx: Koa.Context,
    administrator: Administrator,
    more: { approved?: { warning: string }; secret?: string; typed?: Typed; error?: string } = {},
  ): Promise<void> {
    const t = pages.t(ctx);
    const listed = await listRegistrations(administrator.actor, {
      clients: ports.clients,
      tokens: ports.initialAccessTokens,
      now,
    });
    if (listed.kind === 'not-found') throw new HttpError(404, 'missing');
    const { actor } = administrator;
    const own = reachOf(actor, 'registration:write');
    const data: Shown & { error?: string } = {
      done: more.approved === undefined ? frame.done(ctx, done) : t(done.approved),
      warnings: warningsIn(languageOf(ctx), more.approved && [more.approved.warning]),
      pending: listed.pending.map((client) => pendingShown(ctx, administrator, client)),
      tokens: listed.tokens.map(({ id, terms, left, uses, expiresAt, note }) => ({
        id,
        note,
        organisation: organisationName(ctx, terms.organisation),
        hosts: terms.hosts.join(', '),
        kinds: terms.kinds.map((kind) => t(`consoleRegistration.kind_${kind}`)).join(', '),
        left: t('consoleRegistration.left', { left, uses }),
        state: left < 1 ? 'used-up' : expiresAt <= now() ? 'expired' : 'usable',
        until: expiresAt,
        mayRevoke: may(actor, 'registration:write', terms.organisation) === 'yes',
      })),
      organisations: ids
        .filter((id) => own === 'association' || own.includes(id))
        .map((id) => ({ id, name: organisationName(ctx, id) })),
      kinds: clientKinds.map((kind) => ({ kind, name: t(`consoleRegistration.kind_${kind}`) })),
      isOpen: web.registrationIsOpen,
      secret: more.secret,
      typed: more.typed ?? nothingTyped,
      ...(more.error === undefined ? {} : { error: more.error }),
    };
    const lead = t(web.registrationIsOpen ? 'consoleRegistration.lead' : 'consoleRegistration.lead_closed');
    const page = { room: 'registration', title: t('consoleRegistration.title'), lead };
    await pages.render(ctx, 'console/registration', data, {
      ...frame.page(ctx, administrator, { ...page, room: 'registration' }),
      at: HERE,
    });
  }

  const show: ConsoleHandler = (ctx, administrator) => render(ctx, administrator);

  const decide =
    (what: 'approve' | 'refuse'): ConsoleHandler =>
    async (ctx, administrator) => {
      const t = pages.t(ctx);
      const id = String(ctx.params.id);
      const client = id.length > 200 ? undefined : await ports.clients.find(id);
      frame.require(administrator, 'registration:write', client && ownerOf(client));
      if (client === undefined || !isPending(client))
        return render(ctx, administrator, { error: t('consoleRegistration.gone') });
      const act = t(`consoleRegistration.${what}`);
      if (!(await frame.recent(ctx, administrator, what === 'refuse' ? { dangerous: act } : act))) return;
      const { revision } = await readForm(ctx, seen);
      const input = { client: id, decision: what, asSeen: Number(revision) };
      const decided = await decideRegistration(administrator.actor, input, {
        ...clock,
        clients: ports.clients,
        fetchLogo: (uri) => fetchLogo(uri, web.outgoing),
      });
      if (decided.kind === 'not-found') throw new HttpError(404, 'missing');
      if (decided.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
      // a page that leads back to itself would have forgotten it
      if (decided.kind === 'approved' && decided.warning !== undefined)
        return render(ctx, administrator, { approved: { warning: decided.warning } });
      if (decided.kind === 'approved' || decided.kind === 'refused') return goTo(ctx, `${HERE}?done=${decided.kind}`);
      const fault = decided.kind === 'changed-since' ? 'consoleRegistration.changed' : 'consoleRegistration.gone';
      return render(ctx, administrator, { error: t(fault) });
    };

  const addToken: ConsoleHandler = async (ctx, administrator) => {
    const t = pages.t(ctx);
    if (!(await frame.recent(ctx, administrator, t('consoleRegistration.make')))) return;
    const typed = await readForm(ctx, tokenForm);
    const asked = {
      organisation: typed.organisation,
      hosts: typed.hosts.split(/[\s,]+/).filter(Boolean),
      kinds: [typed.kind as ClientKind],
      approval: 'required',
      pkce: 'required',
      uses: numberOf(typed.uses),
      days: numberOf(typed.days),
      ...(typed.note === '' ? {} : { note: typed.note }),
    } as const;
    const tokens = ports.initialAccessTokens;
    const made = await addTokenAs(administrator.actor, { ...asked, kinds: [...asked.kinds] }, ids, {
      ...clock,
      tokens,
    });
    if (made.kind !== 'made' && made.kind !== 'refused')
      throw made.kind === 'not-found' ? new HttpError(404, 'missing') : new HttpError(403, 'not-allowed');
    if (made.kind === 'made') return render(ctx, administrator, { secret: made.secret });
    const [fault] = made.faults;
    const member = fault?.member ?? '';
    const key = (['organisation', 'hosts', 'uses', 'days', 'note', 'kinds'] as const).find((each) => each === member);
    return render(ctx, administrator, { typed, error: t(`consoleRegistration.fault_${key ?? 'hosts'}`) });
  };

  const revoke: ConsoleHandler = async (ctx, administrator) => {
    const tokens = ports.initialAccessTokens;
    const revoked = await revokeTokenAs(administrator.actor, String(ctx.params.id), { ...clock, tokens });
    if (revoked.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
    if (revoked.kind === 'not-found') throw new HttpError(404, 'missing');
    goTo(ctx, `${HERE}?done=revoked`);
  };

  /** The forms' own addresses, for whoever goes back to them. */
  const back: ConsoleHandler = async (ctx) => goTo(ctx, HERE);

  return { show, back, approve: decide('approve'), refuse: decide('refuse'), addToken, revoke };
}

/** 0 is a fault that the rule names. */
const numberOf = (text: string) => (/^\d{1,6}$/.test(text) ? Number(text) : 0);
