/** What the forms share that change a registration: they carry the revision, name every fault at its field, and show both versions. */
import type Koa from 'koa';
import { z } from 'zod';
import { faultIn } from '../../../locales/faults.ts';
import type { Language } from '../../domain/account/languages.ts';
import { ownerOf } from '../../domain/clients/client-owner.ts';
import type { ClientMemberName } from '../../domain/clients/metadata/client-members.ts';
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import { ownerMembers } from '../../domain/clients/owner-members.ts';
import type { ClientRecord } from '../../domain/ports/clients.ts';
import { may } from '../../domain/roles/permissions.ts';
import { trimmed } from '../../http/form.ts';
import { HttpError } from '../../http/http-error.ts';
import { languageOf } from '../../http/language.ts';
import type { EditTop } from '../../http/views/console-applications.ts';
import { type EditFault, editClient } from '../../use-cases/clients/edit-client.ts';
import type { Web } from '../web.ts';
import type { Administrator, ConsoleFrame } from './frame.ts';
import { patchOf, writtenMember } from './member-fields.ts';

export const revisionField = z.object({ revision: z.coerce.number().int().min(1).max(1e9), action: trimmed(40) });

/** `both`: what it is now, and what was typed, of members that somebody else changed since or that differ. */
export type Tried =
  | { kind: 'saved'; record: ClientRecord; warnings: string[]; secret: string | undefined; changed: boolean }
  | { kind: 'again'; record: ClientRecord; faults: EditFault[]; both?: { name: string; now: string; typed: string }[] };

export type EditForm = ReturnType<typeof createEditForm>;

export function createEditForm(web: Web) {
  const { ports, registering, now, randomBytes, issuer, pages } = web;
  const editPorts = {
    ...registering,
    clients: ports.clients,
    issuer,
    now,
    randomBytes,
    grants: async () => (await ports.roleGrants.read()).grants,
  };

  return {
    editPorts,

    /** What stands above a form: that it was saved, and what is not as it should be all the same. */
    saidOf(ctx: Koa.Context, frame: ConsoleFrame, tried: Tried | undefined): Pick<EditTop, 'done' | 'warnings'> {
      if (tried?.kind !== 'saved')
        return { done: frame.done(ctx, { saved: 'settings.saved', unchanged: 'settings.unchanged' }), warnings: [] };
      const done = pages.t(ctx)(tried.changed ? 'settings.saved' : 'settings.unchanged');
      return { done, warnings: warningsIn(languageOf(ctx), tried.warnings) };
    },

    /** Members that this person sees and may not change. */
    lockedFor({ actor }: Administrator, record: ClientRecord): readonly string[] {
      const owner = ownerOf(record);
      if (may(actor, 'clients:write', owner) !== 'yes') return ['*'];
      return may(actor, 'clients:first-party', owner) === 'yes' ? [] : [...ownerMembers, 'pedel_organisation'];
    },

    /** @throws HttpError 404 and 403 as the use case answers */
    async save(
      { actor }: Administrator,
      seen: ClientRecord,
      names: readonly ClientMemberName[],
      { revision, typed }: { revision: number; typed: Record<string, string | undefined> },
    ): Promise<Tried> {
      const { patch, unreadable } = patchOf(seen, names, typed);
      if (unreadable.length > 0) return { kind: 'again', record: seen, faults: unreadable.map(notJson) };
      const edit = { id: seen.id, revision, change: { kind: 'patch', patch } as const };
      const outcome = await editClient(actor, edit, editPorts);
      if (outcome.kind === 'not-found') throw new HttpError(404, 'missing');
      if (outcome.kind === 'not-allowed') throw new HttpError(403, 'not-allowed');
      if (outcome.kind === 'refused') return { kind: 'again', record: seen, faults: outcome.faults };
      if (outcome.kind === 'stale') {
        const { current } = outcome;
        const both = names.flatMap((name) => {
          const [is, wish] = [writtenMember(current, name), typed[name]?.replaceAll('\r\n', '\n').trim()];
          return wish === undefined || wish === is.trim() ? [] : [{ name, now: is, typed: wish }];
        });
        // a form that was sent twice
        if (both.length === 0)
          return { kind: 'saved', record: current, warnings: [], secret: undefined, changed: false };
        return { kind: 'again', record: current, faults: [], both };
      }
      const secret = outcome.kind === 'edited' ? outcome.secret : undefined;
      const { record, warnings } = outcome;
      return { kind: 'saved', record, warnings, secret, changed: outcome.kind === 'edited' };
    },
  };
}

export const notJson = (member: ClientMemberName): EditFault => ({
  member,
  pointer: `/${member}`,
  expected: 'JSON',
  remedy: 'write JSON: texts between double quotes, and a bracket for each that was opened',
});

/** What is not as it should be, each in a sentence of the page's language. */
export const warningsIn = (language: Language, warnings: readonly string[] = []): string[] =>
  warnings.map((warning) => faultIn(language, warning));

/** Each fault at its field, in the language of the page; what belongs to no field of this page is told at its top. */
export function faultsAt(faults: readonly MetadataFault[], shown: ReadonlySet<string>, language: Language) {
  const said = ({ value, remedy }: MetadataFault) => {
    const sentence = faultIn(language, remedy);
    return value === undefined ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : `${value}: ${sentence}`;
  };
  const errors: Record<string, string> = {};
  const others: string[] = [];
  for (const fault of faults) {
    const { member } = fault;
    if (!shown.has(member)) others.push(`${member}: ${said(fault)}`);
    else errors[member] = errors[member] === undefined ? said(fault) : `${errors[member]}. ${said(fault)}`;
  }
  return { errors, others };
}
