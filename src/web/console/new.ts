/**
 * Registers an application by a preset: first what only its people know, mostly one address; then all that will be
 * registered, with a reason for each line, to be corrected; the answer to that is what the other side types.
 */
import type Koa from 'koa';
import { z } from 'zod';
import { type Ask, askNames } from '../../domain/clients/presets/placeholders.ts';
import { type Preset, presetName } from '../../domain/clients/presets/preset.ts';
import { type Answers, render } from '../../domain/clients/presets/preset-rendering.ts';
import { corrected, linesOf } from '../../domain/clients/presets/registration-form.ts';
import type { JsonValue } from '../../domain/json-value.ts';
import { reachOf } from '../../domain/roles/permissions.ts';
import { readForm, readQuery } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { PageFault } from '../../http/page.ts';
import { type Registered, registerOne } from '../../use-cases/clients/register.ts';
import type { Web } from '../web.ts';
import { mustRegister } from './catalogue.ts';
import type { Connect } from './connect.ts';
import type { Administrator, ConsoleFrame, ConsoleHandler } from './frame.ts';
import { faultOf, plainId, withContacts } from './new-answers.ts';
import { chosenPreset, isOfProof, readNewProof, shownProof } from './new-proof.ts';
import { evidenceLine, notesOf } from './preset-words.ts';
import { atFields, faultSentence, reasonOf } from './registration-words.ts';

const fields = z.record(z.string().max(100), z.string().max(40_000));
/** What stands before the name of a member in the form. */
const SET = 'set_';
/** Ids that are tried where the one of the preset is taken. */
const MOST_IDS = 50;

/** What was answered in the first step. `organisation`: an id; empty: the association. */
type First = { answers: Partial<Record<Ask, string>>; name: string | undefined; organisation: string };

export function createNew(web: Web, frame: ConsoleFrame, connect: Connect) {
  const { pages, catalogue, provider, ports, organisations } = web;

  /** @throws HttpError 404 where there is none; as `mustRegister` does */
  function presetAt(ctx: Koa.Context, administrator: Administrator): Preset {
    mustRegister(administrator);
    const found = catalogue().find(({ id }) => id === ctx.params.preset);
    if (found === undefined) throw new HttpError(404, 'missing');
    return found;
  }

  /** For whom this person may register: the id and name of each organisation; the empty id is the association. */
  function choices(ctx: Koa.Context, { actor }: Administrator): { id: string; name: string }[] {
    const reach = reachOf(actor, 'clients:write');
    const named = organisations.map(({ id, name }) => ({ id, name: name[languageOf(ctx)] }));
    return reach === 'association'
      ? [{ id: '', name: pages.t(ctx)('console.association') }, ...named]
      : named.filter(({ id }) => reach.includes(id));
  }

  /** @throws HttpError 404 for an organisation that this person has nothing to do with */
  function readFirst(ctx: Koa.Context, administrator: Administrator, given: Record<string, string>): First {
    const options = choices(ctx, administrator);
    const organisation = given.organisation ?? options[0]?.id ?? '';
    if (!options.some(({ id }) => id === organisation)) throw new HttpError(404, 'missing');
    const typed = askNames.flatMap((ask) => {
      const text = given[ask]?.trim();
      return text === undefined || text === '' ? [] : [[ask, text] as const];
    });
    const name = given.name?.trim();
    return { answers: Object.fromEntries(typed), name: name === '' ? undefined : name, organisation };
  }

  function heading(ctx: Koa.Context, administrator: Administrator, preset: Preset, lead: string) {
    const t = pages.t(ctx);
    return frame.page(ctx, administrator, {
      room: 'applications',
      title: t('console.new_of', { name: presetName(preset, languageOf(ctx)) }),
      here: presetName(preset, languageOf(ctx)),
      crumbs: [
        { href: '/admin/applications', label: t('console.room_applications') },
        { href: '/admin/applications/new', label: t('console.new_short') },
      ],
      lead,
    });
  }

  /** In a sentence: a product by its name; a kind has none before it is given one. */
  const calledIn = (ctx: Koa.Context, preset: Preset) =>
    preset.generic === undefined ? presetName(preset, languageOf(ctx)) : pages.t(ctx)('console.the_application');

  async function askFirst(
    ctx: Koa.Context,
    administrator: Administrator,
    preset: Preset,
    first: First,
    fault: PageFault | undefined,
  ): Promise<void> {
    const how = { t: pages.t(ctx), language: languageOf(ctx) };
    const asked = (Object.entries(preset.asks) as [Ask, { example?: string; default?: string }][]).map(
      ([ask, settings]) => ({
        ask,
        value: first.answers[ask] ?? settings.default ?? '',
        example: settings.example ?? settings.default ?? '',
      }),
    );
    await pages.render(
      ctx,
      'console/new-asks',
      {
        preset: { id: preset.id, name: calledIn(ctx, preset) },
        asked,
        asksName: preset.generic !== undefined,
        name: first.name ?? '',
        organisations: choices(ctx, administrator),
        organisation: first.organisation,
        through: catalogue().find(({ id }) => id === preset.through),
        notes: notesOf(preset, how),
        ...fault,
      },
      heading(ctx, administrator, preset, evidenceLine(preset, how)),
    );
  }

  /** An id that no application has: the preset's, or with a number behind it. */
  async function freeId(wanted: string): Promise<string> {
    for (let number = 1; number <= MOST_IDS; number += 1) {
      const id = number === 1 ? wanted : `${wanted}-${number}`;
      if ((await ports.clients.find(id)) === undefined) return id;
    }
    return `${wanted}-${Buffer.from(web.randomBytes(4)).toString('hex')}`;
  }

  /** What the preset makes of the answers, or which of them it does not take. */
  function filled(ctx: Koa.Context, preset: Preset, { answers, name }: First, clientId: string | undefined) {
    const given: Answers = { ...answers, name, clientId };
    return render(preset, given, provider(languageOf(ctx)));
  }

  async function check(
    ctx: Koa.Context,
    administrator: Administrator,
    preset: Preset,
    first: First,
    state: {
      registration: Record<string, JsonValue>;
      form: string;
      /** the form that was sent; absent: none was */
      given?: Record<string, string>;
      faults?: string[];
      fault?: PageFault;
    },
  ): Promise<void> {
    const t = pages.t(ctx);
    const name = first.name ?? calledIn(ctx, preset);
    const proof = shownProof(preset, state.registration, state.given, t);
    const told = linesOf(state.registration).filter(({ member }) => proof?.choice !== true || !isOfProof(member));
    const query = new URLSearchParams({ ...first.answers, organisation: first.organisation, check: '1' });
    if (first.name !== undefined) query.set('name', first.name);
    const back = new URLSearchParams(query);
    back.delete('check');
    await pages.render(
      ctx,
      'console/new-check',
      {
        preset: { id: preset.id, name },
        hidden: { ...first.answers, ...(first.name === undefined ? {} : { name: first.name }), form: state.form },
        organisation: first.organisation,
        organisationName: choices(ctx, administrator).find(({ id }) => id === first.organisation)?.name ?? '',
        clientId: String(state.registration.client_id),
        lines: told.map((line) => ({ ...line, reason: reasonOf(line.member, { ...preset, name }, t) })),
        proof,
        faults: state.faults ?? [],
        back: `?${back}`,
        ...state.fault,
      },
      { ...heading(ctx, administrator, preset, t('console.check_lead')), at: `${ctx.path}?${query}` },
    );
  }

  const show: ConsoleHandler = async (ctx, administrator) => {
    const preset = presetAt(ctx, administrator);
    const given = readQuery(ctx, fields);
    const first = readFirst(ctx, administrator, given);
    const t = pages.t(ctx);
    if (given.check === undefined || preset.metadata === undefined)
      return askFirst(ctx, administrator, preset, first, undefined);
    if (preset.generic !== undefined && first.name === undefined) {
      const fault = { error: t('console.name_missing'), errors: { name: t('pages.field_empty') } };
      return askFirst(ctx, administrator, preset, first, fault);
    }
    const clientId = await freeId(preset.generic === undefined ? preset.id : plainId(first.name ?? preset.id));
    const rendered = filled(ctx, chosenPreset(preset, undefined).preset, first, clientId);
    if ('faults' in rendered) return askFirst(ctx, administrator, preset, first, faultOf(rendered.faults, t));
    const form = Buffer.from(web.randomBytes(16)).toString('base64url');
    return check(ctx, administrator, preset, first, {
      registration: withContacts(rendered.registration, administrator),
      form,
    });
  };

  const register: ConsoleHandler = async (ctx, administrator) => {
    const preset = presetAt(ctx, administrator);
    const given = await readForm(ctx, fields);
    const first = readFirst(ctx, administrator, given);
    const t = pages.t(ctx);
    const clientId = (given.client_id ?? '').trim();
    const chosen = chosenPreset(preset, given);
    // an id that cannot be one is told by the registration, with the rest
    const rendered = filled(ctx, chosen.preset, first, undefined);
    if (preset.metadata === undefined) throw new HttpError(404, 'missing');
    if ('faults' in rendered) return askFirst(ctx, administrator, preset, first, faultOf(rendered.faults, t));
    const texts = Object.entries(given).flatMap(([name, text]) =>
      name.startsWith(SET) ? [[name.slice(SET.length), text] as const] : [],
    );
    const typed: Record<string, JsonValue> & { client_id: string } = {
      ...corrected(withContacts(rendered.registration, administrator), Object.fromEntries(texts)),
      client_id: clientId,
    };
    const again = (error: string, errors: Record<string, string>) =>
      check(ctx, administrator, preset, first, {
        ...{ registration: { contacts: [], ...typed }, form: given.form ?? '', given },
        fault: { error, errors },
      });
    if (typed.contacts === undefined)
      return again(t('console.contacts_missing'), { set_contacts: t('pages.field_empty') });
    const proof = readNewProof(typed, chosen.by, given, { t, language: languageOf(ctx) });
    if ('errors' in proof) return again(proof.error, proof.errors);
    const { secret } = proof;
    const { jwks_uri: _, ...rest } = typed;
    const registration = { ...(chosen.by === 'key' ? rest : typed), ...proof.members, client_id: clientId };
    const form = /^[\w-]{16,64}$/.test(given.form ?? '') ? given.form : undefined;
    const result = await registerOne(
      administrator.actor,
      {
        registration,
        organisation: first.organisation === '' ? undefined : first.organisation,
        preset: { id: preset.id, answers: first.answers as Record<string, string> },
        ...(secret === undefined ? {} : { secret }),
        ...(form === undefined ? {} : { form }),
      },
      {
        ...web.registering,
        clients: ports.clients,
        issuer: web.issuer,
        now: web.now,
        randomBytes: web.randomBytes,
        dryRun: false,
      },
    );
    return answer(ctx, administrator, preset, first, { result, registration, given, form: form ?? '' });
  };

  async function answer(
    ctx: Koa.Context,
    administrator: Administrator,
    preset: Preset,
    first: First,
    {
      result,
      registration,
      given,
      form,
    }: { result: Registered; registration: Record<string, JsonValue>; given: Record<string, string>; form: string },
  ): Promise<void> {
    const t = pages.t(ctx);
    const again = (fault: PageFault, faults: string[] = []) =>
      check(ctx, administrator, preset, first, { registration, form, given, faults, fault });
    switch (result.kind) {
      case 'registered':
        return connect.render(ctx, administrator, result.record, {
          kind: 'made',
          secret: result.secret,
          warnings: result.warnings,
        });
      case 'again':
        return connect.render(ctx, administrator, result.record, { kind: 'shown' });
      case 'taken':
        return again({ error: t('console.id_taken'), errors: { client_id: t('console.id_taken_field') } });
      case 'refused':
        return again(
          {
            error: t('console.not_registered', { count: result.faults.length }),
            errors: atFields(result.faults, SET, languageOf(ctx)),
          },
          result.faults.map((fault) => faultSentence(fault, languageOf(ctx))),
        );
      case 'not-allowed':
        return again({ error: t('console.owner_registers', { members: result.members.join(', ') }), errors: {} });
      default:
        throw new HttpError(404, 'missing');
    }
  }

  return { show, register };
}
