/** What an import refused, as a file of its own kind, to be mended and imported as a partial feed. */
import { quarantineColumns } from '../../domain/feed/feed-columns.ts';
import type { ImportRecord, Imports } from '../../domain/ports/imports.ts';
import type { QuarantinedRecord } from './spool.ts';

/**
 * The refused records with line and reason, and the others of the same people: what a source says of a person at an
 * organisation it says all at once, so half of somebody's rows would take the other half away.
 */
export async function* refusedText(
  { id, parts, kind }: Pick<ImportRecord, 'id' | 'parts' | 'kind'>,
  imports: Pick<Imports, 'part'>,
): AsyncGenerator<string> {
  let header: string[] | undefined;
  for (let number = 0; number < parts.refused; number += 1) {
    const part: (QuarantinedRecord | string[])[] = JSON.parse((await imports.part(id, 'refused', number)) ?? '[]');
    for (const each of part) {
      if (!Array.isArray(each)) yield textOf(each, kind, header?.length ?? 0);
      else {
        header = each.filter((name) => !isOwn(name));
        // spreadsheets, and a source with another encoding, know UTF-8 by its mark
        yield `\uFEFF${csvRow([...header, ...quarantineColumns])}`;
      }
    }
  }
}

const isOwn = (name: string) => quarantineColumns.includes(name.trim().toLowerCase());

function textOf({ line, reason, original }: QuarantinedRecord, kind: ImportRecord['kind'], width: number): string {
  if (Array.isArray(original)) {
    const cells =
      original.length < width ? [...original, ...Array<string>(width - original.length).fill('')] : original;
    return csvRow([...cells.slice(0, width), String(line), reason]);
  }
  if (kind === 'ldif') return `# line ${line}: ${reason || 'of the same person'}\n${original}\n\n`;
  try {
    return `${JSON.stringify({ ...JSON.parse(original), line, reason })}\n`;
  } catch {
    return `${original}\n`; // no JSON, so nothing can be added to it
  }
}

const csvRow = (cells: string[]) => `${cells.map(quoted).join(',')}\r\n`;
/** As the file had it: an apostrophe before a formula would change what is imported. */
const quoted = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
