/** What the other pages of the console are given. */
import type { Badge } from '../console-heading.ts';
import type { IconName } from '../icons.ts';
import type { IncidentShown } from './desk.ts';

/** A link that is one of several, and whether it is this page. */
/** What there is to hear, by its group (`client.*`). */
type WebhookKinds = { group: string; types: { type: string; words: string }[] }[];

export type Choice = { label: string; href: string; current: boolean };

/** Something that needs somebody; `href` absent: there is no page for it. */
export type AttentionRow = {
  tone: Badge['tone'];
  icon: IconName;
  title: string;
  line: string;
  href: string | undefined;
};

/** A role that somebody has. `at`: epoch ms. `state`: why it cannot be used. `href`: where it can be taken away. */
type RoleRow = {
  id: string;
  name: string;
  kind: string;
  role: string;
  where: string;
  by: string;
  at: number;
  state: string | undefined;
  href: string | undefined;
};

type MergeSide = {
  name: string;
  numbers: string[];
  emails: string[];
  affiliations: string[];
  entries: string[];
  steps: number;
  active: boolean;
};

export type ConsoleViews = {
  /** `typed`: the number that was asked for; `found` absent: nothing that the reader may see. */
  'console/incidents': { typed: string; found: IncidentShown | undefined; limited: boolean };
  /** `typed`: the search. `exported`: where the whole of it is downloaded, by who may. */
  'console/audit': {
    oldest: number | undefined;
    kept: string | undefined;
    rows: { at: number; who: string; what: string; about: string[]; refused: boolean; details: string[] }[];
    typed: Record<string, string>;
    spans: Choice[];
    actions: { action: string; sentence: string }[];
    searched: boolean;
    further: boolean;
    first: string;
    next: string | undefined;
    exported: string | undefined;
    /** whether incident numbers can be looked up */
    incidents: boolean;
  };
  /** `here`: this page without `after`. `why`: the last fault, as it was told. */
  'console/deliveries': {
    kinds: Choice[];
    states: Choice[];
    rows: {
      id: string;
      what: string;
      to: string;
      attempts: number;
      createdAt: number;
      next: number | undefined;
      why: string | undefined;
    }[];
    state: string;
    mayRetry: boolean;
    next: string | undefined;
    further: boolean;
    first: string;
    here: string;
    done: string | undefined;
  };
  /** Times in epoch ms. `wrong`: sentences. */
  'console/health': {
    wrong: string[];
    readMs: number | undefined;
    writeMs: number | undefined;
    queue: { waiting: number; failed: number; setAside: number } | undefined;
    jobs: { name: string; words: string; everyMs: number; succeededAt?: number; late: boolean }[];
    clockAheadMs: number | undefined;
    oldest: number | undefined;
    kept: string | undefined;
    versions: { pedel: string; node: string; storage: string };
  };
  /** Times in epoch ms; undefined: not set. */
  'console/keys': {
    rows: {
      kid: string;
      alg: string;
      state: Badge;
      from: number | undefined;
      until: number | undefined;
      leaves: number | undefined;
    }[];
    mayRotate: boolean;
    rotateDays: number;
    aheadHours: number;
    done: string | undefined;
  };
  'console/organisations': {
    rows: {
      id: string;
      name: string;
      secondFactor: string;
      activation: string;
      access: Record<'role' | 'opens' | 'expired' | 'completed' | 'discontinued' | 'retain', string>[];
      contacts: string[];
    }[];
  };
  'console/attention': { cards: Record<'now' | 'soon', AttentionRow[]> };
  /** `page`: where the form stands. `fields` absent: it was too large to be kept. */
  'console/confirm': {
    path: string;
    act: string;
    danger: boolean;
    fields: Record<string, string> | undefined;
    recent: boolean;
    page: string;
  };
  'console/no-role': { name: string };
  'console/people': {
    rows: { href: string; name: string; known: string; affiliations: string; state: Badge }[];
    words: string;
    /** who looks sees first signs only */
    masked: boolean;
    all: string;
    first: string;
    further: boolean;
    filtered: boolean;
    /** what the search keeps of the choice */
    kept: Record<string, string>;
    next: string | undefined;
    states: { href: string; label: string; current: boolean }[];
    organisations: { href: string; label: string; current: boolean }[];
  };
  /** Times in epoch ms; `from` and `until` of an affiliation are elements. */
  /** `plan`: what merging with the account that was typed would do. Times in epoch ms. */
  'console/person-merge': {
    path: string;
    back: string;
    keep: string;
    typed: { other: string; reason: string };
    plan: { keep: MergeSide; gone: MergeSide; until: number | undefined } | undefined;
  };
  'console/person-unmerge': { path: string; back: string; keep: string; gone: string; until: number };
  'console/person-split': {
    path: string;
    back: string;
    entries: { value: string; name: string; numbers: string }[];
    plan: { entries: string; stays: string[]; goes: string[]; kept: string[] } | undefined;
    reason: string;
  };
  'console/person': {
    /** where accounts are merged and split, for whoever may; `from`: what became part of it and can be undone */
    moves: { merge: string; split: string; from: { number: string; at: number; undo: string }[] } | undefined;
    done: string | undefined;
    id: string;
    numbers: string[];
    emails: string[];
    personalEmail: string | undefined;
    state: { badge: Badge; line: string; since?: number; until?: number };
    /** a new second step is on its way: it can be set up from `until` on, or, `open`, until then */
    recovery: { open: boolean; until: number } | undefined;
    created: number;
    activated: number | undefined;
    passwordSet: number | undefined;
    factors: { totps: number; passkeys: number; recoveryCodes: number };
    affiliations: {
      role: string;
      organisation: string;
      source: string;
      from: string | undefined;
      until: string | undefined;
    }[];
    sessions: {
      browser: string;
      network: string | undefined;
      since: number;
      applications: string;
    }[];
    deliveries: { what: string; state: string; failed: boolean; at: number; why: string | undefined }[];
    audit: string | undefined;
    /** where this administrator may help the person: sessions, one-time passes, suspension */
    desk: string | undefined;
  };
  'console/webhooks': {
    rows: { href: string; address: string; whose: string; events: string; note: string | undefined; state: Badge }[];
    /** the application whose they are; absent: all of them, at `all` */
    only: string | undefined;
    all: string;
    done: string | undefined;
  };
  'console/webhook-new': {
    path: string;
    typed: { client: string; url: string; events: string; contact: string; note: string };
    mayBeOfAssociation: boolean;
    kinds: WebhookKinds;
    once: string;
  };
  /** Times in epoch ms. `fresh`: its secret, which is shown now. `answer`: of a test call. */
  'console/webhook': {
    path: string;
    revision: number;
    mayChange: boolean;
    url: string;
    whose: { name: string; href?: string };
    events: string[];
    contact: string;
    note: string | undefined;
    made: number;
    secretMade: number;
    olderEnds: number | undefined;
    state: Badge;
    disabled: number | undefined;
    why: string | undefined;
    fresh: string | undefined;
    wasShown: boolean;
    answer: { good: boolean; words: string; error?: string } | undefined;
    typed: { url: string; events: string; contact: string; note: string };
    kinds: WebhookKinds;
    done: string | undefined;
  };
  'console/webhook-end': { path: string; back: string; host: string; revision: number; whose: string };
  'console/role-new': {
    typed: { kind: string; holder: string; role: string; where: string };
    roles: { id: string; name: string; what: string }[];
    places: { id: string; name: string }[];
  };
  'console/role-revoke': { path: string; row: RoleRow };
  'console/roles': { rows: RoleRow[]; roles: { name: string; what: string }[]; done: string | undefined };
  /** `secret`: of a token that was made just now. `typed`: as the form was sent, where it was refused. */
  'console/registration': {
    done: string | undefined;
    warnings: string[];
    pending: {
      id: string;
      /** of its forms, before `/approve` and `/refuse` */
      path: string;
      name: string;
      kind: string;
      organisation: string;
      addresses: string[];
      logo: string | undefined;
      /** epoch ms */
      since: number;
      revision: number;
      mayDecide: boolean;
    }[];
    tokens: {
      id: string;
      note: string | undefined;
      organisation: string;
      hosts: string;
      kinds: string;
      left: string;
      state: 'usable' | 'used-up' | 'expired';
      /** epoch ms */
      until: number;
      mayRevoke: boolean;
    }[];
    /** those for which a token may be made; empty: none may */
    organisations: { id: string; name: string }[];
    kinds: { kind: string; name: string }[];
    /** whether applications may register themselves at all */
    isOpen: boolean;
    secret: string | undefined;
    typed: Record<'organisation' | 'hosts' | 'kind' | 'uses' | 'days' | 'note', string>;
  };
};
