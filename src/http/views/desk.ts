/** What the pages of the service desk are given. */
import type { Badge } from '../console-heading.ts';
import type { IconName } from '../icons.ts';

/** An act of the service desk that waits. `can`: the buttons that this agent has for it. */
type DeskRequestShown = {
  id: string;
  /** where its buttons go */
  path: string;
  title: string;
  line: string;
  address: string | undefined;
  at: number;
  approved: boolean;
  own: boolean;
  can: ('approve' | 'decline' | 'take-back' | 'show-pass')[];
};

/** What an incident number stands for. `person`: as far as the reader may see people; absent: nobody was signed in. */
export type IncidentShown = {
  number: string;
  at: number;
  sentence: string;
  remedy: string;
  facts: { label: string; value: string }[];
  person: { name: string; href: string | undefined } | undefined;
};

export type DeskViews = {
  'desk/incident': IncidentShown;
  'desk/find': {
    q: string;
    rows: { href: string; name: string; line: string; at: string; state: Badge }[];
    next: string | undefined;
    first: string | undefined;
  };
  'desk/approvals': { rows: (DeskRequestShown & { person: string; href: string })[] };
  /** `answer`: of the identity check that was just made. `code`: the pass that was just given. Newest entry, note and letter first. */
  'desk/person': {
    path: string;
    done: string | undefined;
    now: { tone: 'good' | 'warn' | 'danger' | 'note'; title: string; lines: string[] };
    facts: { label: string; value: string }[];
    checks: { fact: string; label: string }[];
    answer: { right: boolean; title: string; line: string } | undefined;
    acts: { href: string; icon: IconName; title: string; line: string }[];
    requests: DeskRequestShown[];
    code: { value: string; until: number } | undefined;
    events: { at: number; icon: IconName; tone: 'danger' | 'neutral'; title: string; line: string }[];
    letters: { at: number; subject: string; to: string; words: string; failed: boolean }[];
    notes: { at: number; by: string; text: string }[];
  };
  'desk/act': {
    path: string;
    back: string;
    act: string;
    what: string;
    second: boolean;
    dangerous: boolean;
    typed: { reason: string; address: string; kind: string; until: string };
  };
};
