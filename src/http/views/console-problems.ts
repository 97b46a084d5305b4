/** What the pages are given that tell why an application does not work. */
import type { IconName } from '../icons.ts';

/** A text, and the part of it that differs from another; `mark` may be empty. */
export type Marked = { before: string; mark: string; after: string };

/** `got`, `registered`: absent where nothing came, or there is nothing to compare with. */
export type RefusalShown = {
  sentence: string;
  remedy: string;
  got?: Marked;
  registered?: Marked;
  difference?: string;
};

export type ProblemShown = RefusalShown & {
  times: string;
  isHint: boolean;
  /** its address is of a host that nobody registered */
  foreign: boolean;
  /** the address that may be added */
  addable?: string;
  /** epoch ms */
  first: number;
  last: number;
  incident?: string;
  code: string;
  /** the client_id that came and that no application has */
  named?: string;
};

/** A step of a sign-in that is watched; `at` in epoch ms. */
export type StepShown = {
  at: number;
  icon: IconName;
  tone: 'good' | 'danger' | 'neutral';
  title: string;
  line?: string;
  refusal?: RefusalShown;
};

export type ConsoleProblemsViews = {
  /** `ways`: to the pages that help further; absent for requests of unknown applications. */
  'console/problems': {
    problems: ProblemShown[];
    unknown: boolean;
    mayAdd: boolean;
    revision: number;
    done: string | undefined;
    further: boolean;
    here: string;
    next: string | undefined;
    ways: { watch: string; try: string } | undefined;
  };
  /** `untryable`: why it cannot be tried; `over`: the trial that the address names has no outcome here (any more). */
  'console/try': {
    here: string;
    watch: string;
    name: string;
    untryable: string | undefined;
    mayTry: boolean;
    over: boolean;
    outcome:
      | { kind: 'failed'; line: string }
      | {
          kind: 'arrived';
          /** `value` absent: it was not sent */
          claims: { claim: string; value: string | undefined; why: string; where: string }[];
          /** claims of which the person has no value; '': none */
          without: string;
          scopes: string;
          protocol: string;
        }
      | undefined;
  };
  /** `watch` absent: there is none. Newest step first. */
  'console/watch': {
    here: string;
    mayWatch: boolean;
    watch: { running: boolean; until: number; full: boolean; steps: StepShown[] } | undefined;
  };
};
