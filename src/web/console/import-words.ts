/** How imports are told: their state, what they come to in words, who planned them, and what is wrong with a file. */
import type Koa from 'koa';
import { feedSentenceIn } from '../../../locales/feed-sentences.ts';
import type { Translate } from '../../../locales/index.ts';
import type { EndKind } from '../../domain/account/access-terms.ts';
import { tagOf } from '../../domain/account/languages.ts';
import type { Source } from '../../domain/feed/source.ts';
import type { ImportCounts } from '../../domain/ports/imports.ts';
import type { Badge } from '../../http/console-heading.ts';
import { languageOf } from '../../http/language.ts';
import type { SaidOfFeed } from '../../http/views/console-imports.ts';
import type { ViewedImport } from '../../use-cases/import/administer-imports.ts';
import type { ImportState } from '../../use-cases/import/state.ts';
import type { Web } from '../web.ts';

export const IMPORTS = '/admin/imports';
export const importPath = (id: string, below = '') => `${IMPORTS}/${encodeURIComponent(id)}${below}`;
export const uploadPath = (source: string) => `${IMPORTS}/new/${encodeURIComponent(source)}`;

/** What is said of rows and files, which has no words in every language. */
const FEED_LANGUAGE = 'en';

const tones: Record<ImportState, Badge['tone']> = {
  planning: 'note',
  'not-planned': 'danger',
  planned: 'warn',
  applying: 'note',
  'broken-off': 'danger',
  applied: 'good',
  superseded: 'neutral',
};

/** In the order in which somebody wants to know of them. */
export const counted = ['refused', 'ends', 'reopens', 'new', 'changed'] as const;

export type ImportWords = ReturnType<typeof createImportWords>;

export function createImportWords({
  pages,
  organisations,
  accounts,
}: Pick<Web, 'pages' | 'organisations' | 'accounts'>) {
  return {
    stateOf(ctx: Koa.Context, state: ImportState): Badge {
      const key = state.replace('-', '_') as 'broken_off' | 'not_planned' | Exclude<ImportState, `${string}-${string}`>;
      return { tone: tones[state], label: pages.t(ctx)(`consoleImports.state_${key}`) };
    },
    /** "3 new, 1 row refused" */
    comesTo(t: Translate, counts: ImportCounts): string {
      const parts = counted.flatMap((kind) =>
        counts[kind] === 0 ? [] : [t(`consoleImports.count_${kind}`, { count: counts[kind] })],
      );
      return parts.join(', ') || t('consoleImports.nobody');
    },
    /** What is said of a row, a person or a file; `lang`: it has no words in the language of the page. */
    said(ctx: Koa.Context, sentence: string): SaidOfFeed {
      const language = languageOf(ctx);
      const text = feedSentenceIn(language, sentence);
      const isOther = text === sentence && language !== FEED_LANGUAGE;
      return { text, lang: isOther ? FEED_LANGUAGE : undefined };
    },
    /** The same where it stands alone. */
    saidAlone(ctx: Koa.Context, sentence: string): SaidOfFeed {
      const { text, lang } = this.said(ctx, sentence);
      return { text: text.charAt(0).toUpperCase() + text.slice(1), lang };
    },
    /** A value of a field; of affiliations, which the report keeps as data, in words. */
    value(ctx: Koa.Context, field: string, value: string): string {
      if (!field.startsWith('affiliations.')) return value;
      const t = pages.t(ctx);
      const day = new Intl.DateTimeFormat(tagOf(languageOf(ctx)), { dateStyle: 'long', timeZone: 'UTC' });
      return value
        .replaceAll(/, (expired|completed|discontinued|withdrawn)(?=;|$)/g, (_, end: EndKind) =>
          t(`consoleImports.end_${end}`),
        )
        .replaceAll(/, ended on (?=\d{4})/g, () => t('consoleImports.ended_on'))
        .replaceAll(/ to (?=\d{4})/g, () => t('consoleImports.to_day'))
        .replaceAll(/\d{4}-\d{2}-\d{2}/g, (date) => day.format(new Date(date)));
    },
    organisation(ctx: Koa.Context, id: string): string {
      const found = organisations.find((each) => each.id === id);
      return found?.name[languageOf(ctx)] ?? id;
    },
    of(ctx: Koa.Context, { organisations: ids }: Pick<Source, 'organisations'>): string {
      return ids.map((id) => this.organisation(ctx, id)).join(', ');
    },
    /** A person by name; a service client or the user of a command as it is called. */
    async by({ by }: Pick<ViewedImport, 'by'>): Promise<string> {
      const account = await accounts.findById(by);
      return account === undefined ? by : `${account.givenName} ${account.familyName}`.trim();
    },
  };
}
