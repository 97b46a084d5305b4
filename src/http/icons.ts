/** The icons of the pages: a closed list from Lucide, read once and inlined, beside a word and never instead of one. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Name on our pages -> name at https://lucide.dev. */
const names = {
  account: 'calendar',
  activity: 'activity',
  again: 'rotate-ccw',
  alert: 'circle-alert',
  applications: 'app-window',
  attention: 'inbox',
  check: 'check',
  chevron: 'chevron-right',
  clock: 'clock',
  copy: 'copy',
  computer: 'laptop',
  details: 'id-card',
  done: 'circle-check',
  fingerprint: 'fingerprint-pattern',
  help: 'life-buoy',
  info: 'info',
  key: 'key-round',
  language: 'languages',
  log: 'scroll-text',
  menu: 'menu',
  organisations: 'building',
  overview: 'house',
  plus: 'plus',
  registration: 'clipboard-check',
  search: 'search',
  send: 'send',
  sources: 'database',
  settings: 'settings',
  people: 'users',
  phone: 'smartphone',
  'sign-out': 'log-out',
  'second-step': 'shield-check',
  try: 'play',
  upload: 'upload',
  unknown: 'circle-question-mark',
  warning: 'triangle-alert',
  watch: 'radio',
  webhook: 'webhook',
} as const;

export type IconName = keyof typeof names;

type IconSet = { icons: Record<string, { body: string }>; aliases?: Record<string, { parent: string }> };

/** @returns makes an SVG element; @throws TypeError at once if Lucide has lost a name of the list */
export function readIcons(): (name: IconName) => string {
  const require = createRequire(import.meta.url);
  const file = require.resolve('@iconify-json/lucide/icons.json');
  const { icons } = JSON.parse(readFileSync(file, 'utf8')) as IconSet;
  const elements = new Map<string, string>();
  for (const [name, lucide] of Object.entries(names)) {
    const body = icons[lucide]?.body;
    if (body === undefined) throw new TypeError(`Lucide has no icon ${lucide}`);
    // the style sheet sets fill and stroke, so the same attributes on each shape would only repeat them
    const shape = body.replaceAll(
      / (?:fill="none"|stroke="currentColor"|stroke-(?:width|linecap|linejoin)="[^"]*")/g,
      '',
    );
    elements.set(name, `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`);
  }
  return (name) => {
    const element = elements.get(name);
    if (element === undefined) throw new TypeError(`no icon is called ${name}`);
    return element;
  };
}
