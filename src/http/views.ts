/**
 * The data type of each view: file in views/ -> its data; page.ts lists what every view gets besides. A member that
 * may be missing is `| undefined`, not optional, so that a misspelt name does not compile.
 */
import type { AccountViews } from './views/account.ts';
import type { ActivationViews } from './views/activation.ts';
import type { ConsoleViews } from './views/console.ts';
import type { ConsoleApplicationsViews } from './views/console-applications.ts';
import type { ConsoleImportViews } from './views/console-imports.ts';
import type { ConsoleProblemsViews } from './views/console-problems.ts';
import type { ConsoleSourceViews } from './views/console-sources.ts';
import type { DeskViews } from './views/desk.ts';
import type { PagesViews } from './views/pages.ts';
import type { SignInViews } from './views/sign-in.ts';

export type { AttentionRow } from './views/console.ts';
export type { CatalogueShown } from './views/console-applications.ts';
export type { Marked, ProblemShown, RefusalShown, StepShown } from './views/console-problems.ts';
export type { ApiReference } from './views/pages.ts';

export type Views = AccountViews &
  ActivationViews &
  ConsoleViews &
  ConsoleApplicationsViews &
  ConsoleImportViews &
  ConsoleProblemsViews &
  ConsoleSourceViews &
  DeskViews &
  PagesViews &
  SignInViews;
