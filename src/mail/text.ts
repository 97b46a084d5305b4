/** Renders the plain text of an email: lines of at most 72 characters, and each URL whole and on its own line. */
import type { Block } from './blocks.ts';
import type { Page } from './content.ts';

const WIDTH = 72;

/** Lines end with LF. A single word longer than 72 characters is not broken. */
export function inText(page: Page): string {
  const parts = [
    wrap(page.greeting),
    ...page.blocks.map(block),
    `${wrap(page.closing)}\n${page.organisation}`,
    [wrap(page.contactsTitle), ...page.contacts.map(contact)].join('\n'),
    `-- \n${wrap(page.automatic)}`, // RFC 3676, 4.3: mail readers set apart what follows as a signature
  ];
  return `${parts.join('\n\n')}\n`;
}

function block(each: Block): string {
  switch (each.kind) {
    case 'paragraph':
      return wrap(each.text);
    case 'large':
      return `${each.label}:\n\n    ${each.value}`;
    case 'link':
      return `${each.label}:\n${each.url}`;
  }
}

function contact({ label, ways }: Page['contacts'][number]): string {
  return [`* ${label}`, ...ways.map(({ text }) => `  ${text}`)].join('\n');
}

function wrap(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > WIDTH && line !== '') {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join('\n');
}
