/** Operations on what an installation is: who calls, the catalogue, its organisations. */
import { z } from 'zod';
import { permissions } from '../../../domain/roles/permissions.ts';
import { may, reachOf } from '../../../use-cases/actor.ts';
import { type ApiParts, type Operation, operation } from '../operation.ts';
import { pageQuery } from '../paging.ts';
import { Refused } from '../problem.ts';
import { meShape, organisationList, presetList, presetShape } from '../schemas.ts';

const me = operation({
  operationId: 'getMe',
  method: 'GET',
  path: '/me',
  tag: 'Me',
  summary: 'Says who you are here: your roles, the scopes of this token, and what both allow.',
  permission: 'any',
  status: 200,
  answer: meShape,
  async act({ actor, scopes }) {
    const allowed = permissions.filter((each) => {
      const reach = reachOf(actor, each);
      return reach === 'association' || reach.length > 0;
    });
    const roles = actor.grants.map(({ role, organisations }) => ({ role, organisations }));
    return { body: { client_id: actor.id, name: actor.name, scopes, roles, permissions: allowed } };
  },
});

const listPresets = operation({
  operationId: 'listPresets',
  method: 'GET',
  path: '/presets',
  tag: 'Presets',
  summary: 'Lists the catalogue: products that can be connected, and kinds of application for everything else.',
  permission: 'presets:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: presetList,
  async act({ actor, limit, after = 0 }, { presets }) {
    if (may(actor, 'presets:read', undefined) !== 'yes') throw new Refused('not-found');
    const all = presets();
    const from = Number(after);
    const items = all.slice(from, from + limit).map(shownPreset);
    return { body: { items }, next: from + limit < all.length ? from + limit : undefined };
  },
});

const getPreset = operation({
  operationId: 'getPreset',
  method: 'GET',
  path: '/presets/{id}',
  tag: 'Presets',
  summary: 'Shows a preset of the catalogue.',
  permission: 'presets:read',
  status: 200,
  answer: presetShape,
  async act({ actor, path }, { presets }) {
    const found = presets().find(({ id }) => id === path.id);
    if (found === undefined || may(actor, 'presets:read', undefined) !== 'yes') throw new Refused('not-found');
    return { body: shownPreset(found) };
  },
});

function shownPreset({ id, name, also, generic, own, asks, through, verified, metadata }: Preset) {
  const kind = generic === undefined ? 'product' : 'application type';
  const { 'version#nl': _, ...known } = verified;
  return { id, name, also, kind, own, asks: Object.keys(asks), through, verified: known, metadata };
}
type Preset = ReturnType<ApiParts['presets']>[number];

const listOrganisations = operation({
  operationId: 'listOrganisations',
  method: 'GET',
  path: '/organisations',
  tag: 'Organisations',
  summary: 'Lists the organisations of the association with their rules, as configured.',
  permission: 'organisations:read',
  query: z.strictObject({ ...pageQuery }),
  list: true,
  status: 200,
  answer: organisationList,
  async act({ actor, limit, after = 0 }, { organisations }) {
    if (may(actor, 'organisations:read', undefined) !== 'yes') throw new Refused('not-found');
    const from = Number(after);
    const items = organisations.slice(from, from + limit).map((each) => ({
      id: each.id,
      name: each.name,
      domains: each.domains,
      second_factor: each.secondFactor,
      activation: each.activation,
      access: each.access ?? {},
    }));
    return { body: { items }, next: from + limit < organisations.length ? from + limit : undefined };
  },
});

export const installationOperations: readonly Operation[] = [me, listPresets, getPreset, listOrganisations];
