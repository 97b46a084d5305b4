/** A source of people: what each of its feeds may say. */
import { z } from 'zod';
import { identityLevels } from '../../domain/account/assurance.ts';
import { dateFormats } from '../../domain/feed/feed-cell.ts';
import { feedColumns, IGNORED } from '../../domain/feed/feed-columns.ts';
import { absences } from '../../domain/feed/source.ts';
import { option } from './option.ts';

const percent = z.string().regex(/^(?:100|\d{1,2})%$/, { error: 'write a share such as 5%', abort: true });

const patterns = (written: string) =>
  z
    .array(
      z
        .string()
        .regex(/^[^*\s](?:[^*]*[^*\s])?\*?$|^\*$/, { error: `write ${written}`, abort: true })
        .max(255),
    )
    .min(1)
    .max(100);

export const source = z.strictObject({
  id: option(z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i), {
    purpose:
      'Name for --source of pedel people import; with the key of a person it identifies that person, so never change it',
    expected: 'at most 64 letters, digits, dots, dashes and underscores, beginning with a letter or digit',
    example: 'sap',
  }),
  organisations: option(z.array(z.string()).min(1), {
    purpose: 'Organisations whose affiliations it gives; what it says changes nothing that other organisations say',
    expected: 'a list of ids of organisations',
    example: '[vives]',
  }),
  numbers: option(
    z
      .array(
        z.string().regex(/^[a-z][0-9#]{7}$/, {
          error: 'write each as a small letter and seven digits, with # for any digit, for example r#######',
          abort: true,
        }),
      )
      .min(1),
    {
      purpose: 'Patterns of the user numbers that it may name; # is any digit',
      expected: 'a list of patterns: a small letter, then seven digits or #',
      example: "['r#######', 'q#######']",
    },
  ),
  domains: option(z.array(z.string()).min(1).exactOptional(), {
    purpose: 'Domains of the institution addresses that it may give; absent: those of its organisations',
    expected: 'a list of domains that belong to its organisations, or lie below one that does',
    example: '[student.vives.be]',
  }),
  groups: option(patterns('a name, or the beginning of names and *').exactOptional(), {
    purpose:
      'Groups that it may name; * at the end stands for whatever follows. Applications know a group by its name alone, so give each source names of its own. Absent: none',
    expected: 'a list of names, each of which may end in *',
    example: "['ict-*']",
  }),
  entitlements: option(patterns('a URI, or the beginning of URIs and *').exactOptional(), {
    purpose: 'Entitlements (URIs) that it may give; * at the end stands for whatever follows. Absent: none',
    expected: 'a list of URIs, each of which may end in *',
    example: "['urn:mace:dir:entitlement:common-lib-terms']",
  }),
  credentials: option(z.boolean().default(false), {
    purpose: 'Whether it may give password hashes, which activate accounts that were never active',
    expected: 'true or false',
    example: 'true',
  }),
  identity: option(z.enum(['none', ...identityLevels]).default('none'), {
    purpose:
      'How far it proofs who a person is (IAP of the REFEDS Assurance Framework); released in eduperson_assurance, each level with those before it',
    expected: 'none, low, medium or high',
    example: 'medium',
  }),
  full: option(z.boolean().default(false), {
    purpose:
      'Whether each file names everybody, so that whoever is not in it has gone; --partial says that one file does not',
    expected: 'true or false',
    example: 'true',
  }),
  absent: option(z.enum(absences).default('discontinued'), {
    purpose:
      'What becomes of people whom a full file names no more: an end of this kind today, after which access goes on as their organisation says for it (access); withdrawn ends it at once',
    expected: absences.join(', '),
    example: 'expired',
  }),
  columns: option(z.record(z.string().min(1).max(200), z.enum([...feedColumns, IGNORED])).exactOptional(), {
    purpose:
      'What its files call the columns, and attributes of LDIF, where that is not our name; ignore: a column to pass over',
    expected: 'a map from their names to our columns, or to ignore',
    example: '{ stamnummer: number, naam: family_name }',
  }),
  dates: option(z.enum(dateFormats).default('yyyy-mm-dd'), {
    purpose: 'How its files write days, beside YYYY-MM-DD',
    expected: dateFormats.join(', '),
    example: 'dd/mm/yyyy',
  }),
  encoding: option(z.enum(['utf-8', 'windows-1252']).default('utf-8'), {
    purpose: 'How its files are encoded where they have no byte order mark; UTF-16 is found by itself',
    expected: 'utf-8 or windows-1252',
    example: 'windows-1252',
  }),
  safeguard: option(
    z
      .strictObject({
        lose: percent.default('5%'),
        least: z.int().min(0).max(1_000_000).default(25),
        shrink: percent.default('20%'),
      })
      .default({ lose: '5%', least: 25, shrink: '20%' }),
    {
      purpose:
        'What stops an import before it writes anything, for each organisation: more open accounts than the share lose, and than the number least, would lose access; or a full file is shorter than the last one by the share shrink. Before changed rules of access (pedel lifecycle recompute) the first two count as well, those of the strictest source of an organisation',
      expected: 'shares (%) and a number',
      example: '{ lose: 5%, least: 25, shrink: 20% }',
    },
  ),
});
