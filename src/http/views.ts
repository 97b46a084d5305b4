/**
 * The data type of each view: file in views/ -> its data; page.ts lists what every view gets besides. A member that
 * may be missing is `| undefined`, not optional, so that a misspelt name does not compile.
 */
import type { Account } from '../domain/account/account.ts';
import type { Localized, languages } from '../domain/account/languages.ts';
import type { Organisation } from '../domain/account/organisation.ts';
import type { ApplicationLink } from '../domain/clients/client-links.ts';
import type { RetiringAsk, SecretLife } from '../domain/clients/client-secrets.ts';
import type { Ask } from '../domain/clients/presets/placeholders.ts';
import type { RegistrationLine } from '../domain/clients/presets/registration-form.ts';
import type { Factor } from '../domain/factors/factor.ts';
import type { ClientLogo } from '../domain/ports/clients.ts';
import type { Badge } from './console-heading.ts';
import type { ErrorReason } from './http-error.ts';
import type { IconName } from './icons.ts';

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

/** No data but `error`, which every view may have. */
type Nothing = Record<never, never>;
/** A link that is one of several, and whether it is this page. */
/** What there is to hear, by its group (`client.*`). */
type WebhookKinds = { group: string; types: { type: string; words: string }[] }[];
type Choice = { label: string; href: string; current: boolean };

/** A password that was just judged, for `activation/meter`. */
type Meter = {
  /** Score from 0 to 4 and its word; absent before the first try. */
  strength?: { score: number; word: string };
  /** Sentences about the password that was just refused. */
  advice: string[];
};

/** A member of a registration, for the partial `member`. */
type MemberShown = {
  name: string;
  kind: string;
  value: string;
  options: string[];
  help: string;
  otherwise: string | undefined;
  locked: boolean;
};
/** What forms have that change a registration. `others`: faults of no field. `both`: what it is now, and what was typed. */
type EditTop = {
  path: string;
  revision: number;
  readOnly: boolean;
  others: string[];
  both: { name: string; now: string; typed: string }[];
  done: string | undefined;
};

/** For the partial `factor`. */
type FactorForm = {
  path: string;
  way: 'code' | 'passkey' | 'recovery';
  others: FactorForm['way'][];
  typed: string;
  /** Options of the passkey question: JSON for the browser. */
  options: string | undefined;
};

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

/** What the API offers, in English: made from its table of operations. */
export type ApiReference = {
  base: string;
  tokenUrl: string;
  scopes: { name: string; what: string }[];
  groups: {
    tag: string;
    operations: {
      method: string;
      path: string;
      summary: string;
      scope: string | undefined;
      parameters: string[];
      ifMatch: boolean;
    }[];
  }[];
  problems: ApiProblem[];
};
type ApiProblem = { code: string; status: number; title: string; advice: string };

/** For `activation/where-to`. */
type WhereTo = { applications: ApplicationLink[] };

/** A page that opens from a mailed link. */
type Link = {
  token: string;
  number: string;
  givenName: string;
  fullName: string;
  /** Whether a second factor follows. */
  factor: boolean;
};

/** `words`: what it is, beside its name. */
type FactorShown = Factor & { words: string[] };

/** A step of an enrolment, which several flows embed. `later`: whether the person may postpone it. */
type Step = { path: string; later: boolean };

/** An application that knows something of the person, in the words of the page (use-cases/account/known-applications.ts). */
type Known = {
  id: string;
  name: string;
  logo?: ClientLogo;
  /** epoch ms */
  consentedAt?: number;
  signedIn: boolean;
  /** what it is told, one phrase each */
  told: string[];
  mayTakeBack: boolean;
};
/** Something that needs somebody; `href` absent: there is no page for it. */
export type AttentionRow = {
  tone: Badge['tone'];
  icon: IconName;
  title: string;
  line: string;
  href: string | undefined;
};

/** Presets of the catalogue, with how sure each is. */
export type CatalogueShown = Record<'products' | 'kinds', { id: string; name: string; line: string }[]>;

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

/**
 * Something that happened to an account, in words. `at`: epoch ms; `tone`: it deserves a look; `name`: of the entry; `notMe`: where
 * its owner says that somebody else did it.
 */
type Happened = {
  what: string;
  line: string;
  icon: IconName;
  tone: 'warn' | undefined;
  name: string;
  at: number;
  time: string;
  notMe: string | undefined;
};

export type Views = {
  'account/activity': {
    /** The newest first. */
    days: {
      day: string;
      rows: Happened[];
    }[];
    /** URLs; absent: this is the first page, or the last. */
    first: string | undefined;
    next: string | undefined;
    /** How many days it goes back. */
    length: number;
    done: string | undefined;
  };
  'account/applications': {
    links: (Omit<ApplicationLink, 'name'> & { name: string })[];
    applications: Known[];
    done: string | undefined;
  };
  'account/data': Nothing;
  'account/email': {
    current: string | undefined;
    /** Epoch ms until when no link or code goes there; undefined: they do. */
    currentHeld: number | undefined;
    typed: string;
    /** A change that waits for its confirmation; `until`: epoch ms. */
    underWay: { address: string; until: number } | undefined;
    /** A personal address that a feed gave, and who gave it; its owner confirms or refuses it. */
    proposed: { address: string; name: string } | undefined;
    /** Institution addresses to which no link or code goes yet, and until when (epoch ms). */
    held: { address: string; until: number }[];
    done: string | undefined;
  };
  'account/email-confirm': { token: string; address: string; current: string | undefined };
  'account/email-dead': Nothing;
  'account/email-not-yours': { name: string };
  'account/email-undo': { token: string; number: string; current: string | undefined; former: string | undefined };
  'account/email-undo-dead': Nothing;
  'account/email-undone': { signIn: string };
  'account/factors': {
    /** Oldest first. */
    factors: FactorShown[];
    mayAdd: boolean;
    maxName: number;
    required: boolean;
    codesLeft: number;
    codesAt: number | undefined;
    /** What was just done, as a sentence. */
    done: string | undefined;
  };
  'account/not-me': { row: Happened };
  'not-me/link': { token: string; at: number; browser: string; network: string | undefined };
  'not-me/done': object;
  'not-me/dead': object;
  'account/overview': {
    account: Account;
    /** Renders a calendar day (`YYYY-MM-DD`) as an element. */
    day: (date: string) => string;
    affiliations: { organisation: string; role: string; from: string | undefined; until: string | undefined }[];
    /** When the account ends and why, in sentences; `soon`: it stands at the top. */
    end: { text: string; soon: boolean };
    /** A feed gave an address, about which the page of addresses asks. */
    unanswered: boolean;
    /** The one thing to do next. */
    advice: { urgent: boolean; title: string; line: string; verb: string; href: string } | undefined;
    /** Their names. */
    factors: string[];
    /** How many browsers are signed in, and of the last sign-in an element ("today 09:12") and the browser. */
    sessions: { count: number; when: string; where: string } | undefined;
    /** The first applications that the person may use, and how many more there are (0 or less: none). */
    links: (Omit<ApplicationLink, 'name'> & { name: string })[];
    moreLinks: number;
    languages: typeof languages;
    done: string | undefined;
  };
  'account/password': Meter & { username: string | undefined; setAt: number | undefined; minimum: number };
  'account/recovery-codes': {
    /** Their number. */
    left: number;
    /** Epoch ms; undefined = never. */
    madeAt: number | undefined;
  };
  'account/sessions': {
    /** this one first */
    sessions: {
      uid: string;
      here: boolean;
      /** "Chrome on Windows" */
      browser: string;
      handheld: boolean;
      /** the configured name of the network, if it has one */
      network: string | undefined;
      /** epoch ms */
      since: number;
      usedAt: number | undefined;
      /** names, separated by commas */
      applications: string;
    }[];
    /** Browsers that are not asked for the second step. */
    trusted: { id: string; browser: string; handheld: boolean; since: number; usedAt: number | undefined }[];
    /** an element: "today at 09:12" */
    moment: (epochMs: number) => string;
    done: string | undefined;
  };
  'account/take-back': { application: Known };
  /** `last`: it is the only factor. `locked`: it is the only one, and one is required. */
  'account/remove-factor': { factor: FactorShown; last: boolean; locked: boolean };

  'activation/active': { number: string; signIn: string };
  /** `lifeSeconds`: for how long the mailed code works. */
  'activation/code': { number: string; typed: string; lifeSeconds: number };
  /** `waited`: the person filled in a form that arrived too late. `token`: of the link, if it says whose it was. */
  'activation/dead': { token: string | undefined; number: string | undefined; signIn: string; waited: boolean };
  'activation/done': WhereTo & { number: string; hasAddress: boolean };
  'activation/email': { number: string; typed: string };
  /** `from`: epoch ms at which it opens; undefined: it has ended for good. */
  /** `sentences`: why it is closed, and what to do. */
  'activation/ended': { sentences: string[] };
  'activation/link': Link & { until: number | undefined };
  'activation/number': { typed: string };
  /** A password already waits for the second factor: `waiting`, typed in this browser; `elsewhere`, in another. */
  'activation/password': Meter & {
    path: string;
    number: string;
    minimum: number;
    buttonLabel: string;
    waiting: boolean;
    elsewhere: boolean;
  };
  'activation/too-many': Nothing;
  'activation/unknown': { number: string; writeTo: { name: Localized; email: string }[] };

  /** `words`: as typed in the search. `next`: query of the next page. `further`: it is not the first page. */
  'console/applications': {
    rows: {
      id: string;
      name: string;
      logo: ClientLogo | undefined;
      href: string;
      owner: string;
      lastSignIn: string;
      states: Badge[];
    }[];
    words: string;
    next: string | undefined;
    further: boolean;
    /** Where there is no application at all, for who may register one. */
    catalogue: CatalogueShown | undefined;
  };
  /** `rule`: as typed, a text for each list. `fields`: of members. `both`: as in `EditTop`. */
  'console/access': EditTop & {
    rule: { who: 'everybody' | 'some'; affiliations: string; organisations: string; groups: string; people: string };
    organisations: { id: string; name: string }[];
    fields: MemberShown[];
  };
  /** `typed`: the search. `exported`: where the whole of it is downloaded, by who may. */
  'console/audit': {
    rows: { at: number; who: string; what: string; about: string[]; refused: boolean; details: string[] }[];
    typed: Record<string, string>;
    actions: { action: string; sentence: string }[];
    searched: boolean;
    further: boolean;
    first: string;
    next: string | undefined;
    exported: string | undefined;
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
      graceDays: number;
      contacts: string[];
    }[];
  };
  'console/attention': { cards: Record<'now' | 'soon', AttentionRow[]> };
  /** `page`: where the form stands. `fields` absent: it was too large to be kept. */
  'console/confirm': {
    path: string;
    act: string;
    fields: Record<string, string> | undefined;
    recent: boolean;
    page: string;
  };
  /** Values and texts for the other side. `moment`, `warning`: as in `Moment`. `product`: the name of the preset's. */
  'console/connect': {
    moment: 'later' | 'made' | 'shown';
    warning: string | undefined;
    product: string | undefined;
    form: string | undefined;
    hasSecret: boolean;
    secretKnown: boolean;
    fields: { name: string; value: string; isSecret: boolean }[];
    snippets: { file: string; when: string | undefined; text: string }[];
    notes: string[];
    unverified: string | undefined;
    discovery: string;
    /** Where the page is by GET. */
    path: string;
    name: string;
    steps: { step: 'request' | 'code' | 'token'; done: boolean }[];
    /** What was refused last, as a sentence. */
    refused: string | undefined;
  };
  /** `words`: of the search. */
  'console/new': CatalogueShown & { words: string };
  /** `asked`: with what is typed already, and what it looks like. `through`: the bridge of a product that speaks SAML. */
  'console/new-asks': {
    preset: { id: string; name: string };
    asked: { ask: Ask; value: string; example: string }[];
    asksName: boolean;
    name: string;
    organisations: { id: string; name: string }[];
    organisation: string;
    through: { id: string; name: string } | undefined;
    notes: string[];
  };
  /** `back`: query of the step before. `faults`: of the registration, in words of the standards. */
  'console/new-check': {
    preset: { id: string; name: string };
    hidden: Record<string, string>;
    organisation: string;
    organisationName: string;
    clientId: string;
    lines: (RegistrationLine & { reason: string })[];
    faults: string[];
    faultLanguage: string;
    back: string;
  };
  /** `typed`: the name, to delete it. `since`, `removeAt`: epoch ms. */
  'console/end': {
    path: string;
    name: string;
    revision: number;
    readOnly: boolean;
    state: 'on' | 'off' | 'deleted';
    since: number | undefined;
    removeAt: number | undefined;
    typed: string;
    done: string | undefined;
  };
  /** `at`: epoch ms. `act`: of the audit log. `lines` empty: the values are kept nowhere. */
  'console/history': {
    path: string;
    revision: number;
    revisions: {
      revision: number;
      at: number;
      act: string | undefined;
      who: string | undefined;
      changes: { member: string; lines: { text: string; tone: 'del' | 'ins' | 'same' }[] }[];
      withoutValues: boolean;
      restorable: boolean;
    }[];
    done: string | undefined;
    others: string[];
  };
  'console/no-role': { name: string };
  /** One secret. `hour`: as in the list; `told`: what is said before it is retired. */
  'console/secret': {
    path: string;
    back: string;
    title: string;
    name: string;
    made: number;
    by: string | undefined;
    expires: number | undefined;
    hour: number | undefined;
    state: Badge | undefined;
    mayChange: boolean;
    told: RetiringAsk[];
  };
  /**
   * `hour`: epoch ms at which the hour of the last use began. `fresh`: it was made just now. `added`: with its value, shown
   * once; `wasShown`: the name of one that an earlier answer showed. `once`: makes a form that is sent twice count once.
   */
  'console/secrets': {
    path: string;
    rows: {
      href: string;
      name: string;
      made: number;
      by: string | undefined;
      expires: number | undefined;
      hour: number | undefined;
      state: Badge | undefined;
      fresh: boolean;
    }[];
    method: string;
    takesSecrets: boolean;
    mayChange: boolean;
    full: boolean;
    most: number;
    added: { name: string; secret: string } | undefined;
    wasShown: string | undefined;
    name: string;
    life: SecretLife;
    lives: readonly SecretLife[];
    once: string;
    done: string | undefined;
  };
  'console/people': {
    rows: { href: string; name: string; known: string; affiliations: string; state: Badge }[];
    words: string;
    /** who looks sees first signs only */
    masked: boolean;
    all: string;
    first: string;
    further: boolean;
    next: string | undefined;
  };
  /** Times in epoch ms; `from` and `until` of an affiliation are elements. */
  'console/person': {
    id: string;
    numbers: string[];
    emails: string[];
    personalEmail: string | undefined;
    state: { badge: Badge; line: string; since?: number; until?: number };
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
  /** Times in epoch ms. `bundle`, `scope`: what it may know. */
  'console/overview': {
    path: string;
    contacts: string[];
    home: string | undefined;
    managedBy: string | undefined;
    bundle: string | undefined;
    scope: string | undefined;
    registered: { at: number; kind: string };
    changed: { at: number; revision: number; who: string | undefined };
    validUntil: number | undefined;
    disabled: { at: number; removeAt?: number } | undefined;
    warnings: (Badge & { href: string })[];
    webhooks: { href: string; count: number };
    mayWrite: boolean;
  };
  /** `as`, `number`: of whom the preview is. */
  'console/release': EditTop & {
    bundles: string[];
    fields: MemberShown[];
    people: { id: string; label: string }[];
    as: string;
    number: string;
    preview:
      | {
          name: string;
          closed: boolean;
          draft: boolean;
          rows: { claim: string; value: string | undefined; reason: { kind: string }; inIdToken: boolean }[];
        }
      | undefined;
  };
  'console/settings': EditTop & {
    managedBy: string | undefined;
    main: MemberShown[];
    further: MemberShown[];
    openFurther: boolean;
  };
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
  /** `secret`: of a token that was made just now. `typed`: as the form was sent, where it was refused. */
  'console/registration': {
    done: string | undefined;
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
    told: boolean;
    dangerous: boolean;
    typed: { reason: string; address: string; kind: string };
  };

  /** `typed`: as the person did, or as a link had it. */
  'device/code': { typed: string };
  'device/confirm': {
    application: string;
    code: string;
    proof: string;
    /** What the application is to the people who run this: a sentence. */
    whose: string;
    /** Who is signed in in this browser. */
    who: string | undefined;
    address: string | undefined;
    agent: string | undefined;
    /** Seconds since it asked. */
    since: number;
  };
  'device/outcome': { done: boolean; application: string | undefined };

  'enrolment/choose': Step;
  'enrolment/codes': Step & {
    /** Ten. */
    codes: string[];
    /** For the printed sheet. */
    whose: string;
    /** A `data:` URL. */
    download: string;
    fileName: string;
  };
  /** `options`: JSON for the browser. */
  'enrolment/passkey': Step & { options: string };
  /** `address`: masked; undefined if there is none. */
  'enrolment/send-code': Step & { address: string | undefined };
  /** `key`: in groups of four. `qr`: an SVG element that we made. */
  'enrolment/totp': Step & { uri: string; key: string; qr: string };
  'enrolment/verify': Step & { address: string | undefined; typed: string };

  /** `again`: how to send the same request once more. */
  'api/reference': ApiReference & { lang: string };
  'api/problem': ApiProblem & { lang: string };
  'errors/page': {
    sentence: string;
    reason: ErrorReason;
    /** the way on leads there */
    inConsole: boolean;
    again: { href?: string; sent: boolean };
    incident: string | undefined;
  };
  /**
   * `fault`: the code, for the application's developers. `meaning`: as a sentence, if the code has one. `description`: the
   * library's, on pages in its language.
   */
  /** `lastDay`: epoch ms on the last day of its registration. */
  'errors/application-pending': { application: string; incident: string | undefined };
  'errors/application-unusable': { application: string; lastDay: number | undefined; incident: string | undefined };
  'errors/protocol': {
    fault: string;
    meaning: string | undefined;
    description: string | undefined;
    incident: string | undefined;
    /** absent: the application is not registered */
    application: string | undefined;
    signingOut: boolean;
  };

  /** `start`: where to begin again; `account`: the sign-in to the account page, for want of it. */
  'sign-in/over': { application: string | undefined; start: string | undefined; account: string };

  /** `login`: as typed. */
  'recovery/ask': { login: string; signIn: string };
  /** `lifeSeconds`: for how long a mailed link works. */
  'recovery/dead': { signIn: string; waited: boolean; lifeSeconds: number };
  'recovery/done': WhereTo;
  'recovery/factor': FactorForm & { number: string };
  'recovery/link': Link;
  'recovery/sent': { lifeSeconds: number };

  'first-owner/dead': { signIn: string };
  'first-owner/form': { typed: { key: string; givenName: string; familyName: string; address: string } };
  'home/page': { organisations: Organisation[] };

  /**
   * `seconds`: until it goes back to `path` by itself; `passkeyPath`: where a passkey need not wait; undefined: a password
   * was typed, and is to be again.
   */
  'sign-in/busy': { path: string; seconds: number; passkeyPath: string | undefined };
  'sign-in/consent': {
    application: string;
    /** Who is signed in, as a sentence; undefined if that session is gone. */
    who: string | undefined;
    /** Why the person is asked, before what the application receives. */
    what: string;
    asked: string[];
    /** The names of the claims that it names, which come back with the answer. */
    shown: string;
    /** For what the application needs it, in its own words and their language. */
    purpose: { text: string; language: string } | undefined;
    /** Whether the answer holds for the next time as well. */
    remembered: boolean;
    path: string;
    policyUri: string | undefined;
    tosUri: string | undefined;
  };
  /** `action` and `fields` are HTML; `application` undefined: it goes to us and signs out. */
  'sign-in/send-on': { action: string; fields: string[]; application: string | undefined };
  /** `ways`: of the factors that there still are. */
  'sign-in/lost-factor': { path: string; ways: FactorForm['way'][]; typed: string };
  /** `sentences`: why it is closed, and when it opens again where that is known. */
  'sign-in/ended': {
    sentences: string[];
    suspended: boolean;
    application: string;
    path: string;
  };
  /** `outcome`: whether the link was mailed; undefined: nobody asked for it yet. */
  'sign-in/new-password': {
    outcome: 'yes' | 'no' | undefined;
    lifeSeconds: number;
    application: string;
    path: string;
  };
  'sign-in/refused': {
    application: string;
    path: string;
    /** Whom it is open to, each in some words. */
    openTo: string[];
    /** What a registration has to do with it, as a sentence. */
    dated: string | undefined;
    /** Who is signed in, as a sentence; undefined: nobody wholly is. */
    who: string | undefined;
    /** As what the person is registered today. */
    registrations: string[];
    contacts: string[];
  };
  /** `lead`: for which application, and why. */
  'sign-in/factor': FactorForm & {
    person: string;
    lead: string;
    /** For how many days this browser may be trusted; undefined: it may not. */
    trustDays: number | undefined;
  };
  'sign-in/password': {
    path: string;
    login: string;
    /** JSON for the browser. */
    options: string;
    refusedPasskey: boolean;
  };

  /** `form`: complete except for its button; its id is `op.logoutForm`. */
  'logout/confirm': { form: string; application: string | undefined };
  'logout/done': { application: string | undefined; clientUri: string | undefined };
};
