/** Keeps the `sub` by which an application knows people as it is, whatever else of its registration changes. */
import type { MetadataFault } from '../../domain/clients/metadata/client-metadata.ts';
import { isSame, sectorToKeep, subjectOf } from '../../domain/clients/metadata/sector.ts';
import type { JsonValue } from '../../domain/json-value.ts';

/**
 * The fault of a change after which an application would not know its people any more. Whether somebody has signed in to it
 * is not looked up: a registration that is there counts as used.
 */
export function subjectFault(
  id: string,
  metadata: Record<string, JsonValue>,
  before: Record<string, JsonValue> | undefined,
): MetadataFault | undefined {
  if (before === undefined) return undefined;
  const [was, is] = [subjectOf(before), subjectOf(withSector(id, metadata, before))];
  if (isSame(was, is) || (was.type === 'pairwise' && was.sector === undefined)) return undefined;
  const sameType = was.type === is.type;
  const member = !sameType
    ? 'subject_type'
    : metadata.pedel_sector === undefined
      ? 'sector_identifier_uri'
      : 'pedel_sector';
  const as = !sameType || was.type === 'public' ? `"subject_type": "${was.type}"` : `"pedel_sector": "${was.sector}"`;
  return {
    member,
    expected: 'what the application has known people by until now',
    remedy: `give ${as}, as it was. With --change-subjects it is changed, and everybody is new to the application`,
  };
}

/** The metadata to store: with the sector, where it is not to follow from what may change. */
export function withSector(
  id: string,
  metadata: Record<string, JsonValue>,
  before: Record<string, JsonValue> | undefined,
) {
  const sector = sectorToKeep(id, metadata, before);
  return sector === undefined ? metadata : { ...metadata, pedel_sector: sector };
}
