/** What the pages of the console about applications are given. */
import type { RetiringAsk, SecretLife } from '../../domain/clients/client-secrets.ts';
import type { Ask } from '../../domain/clients/presets/placeholders.ts';
import type { RegistrationLine } from '../../domain/clients/presets/registration-form.ts';
import type { ClientLogo } from '../../domain/ports/clients.ts';
import type { Badge } from '../console-heading.ts';
import type { Choice } from './console.ts';

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
export type EditTop = {
  path: string;
  revision: number;
  readOnly: boolean;
  others: string[];
  both: { name: string; now: string; typed: string }[];
  done: string | undefined;
  /** what is not as it should be, although it was saved */
  warnings: string[];
};

/** Presets of the catalogue, with how sure each is. */
export type CatalogueShown = Record<'products' | 'kinds', { id: string; name: string; line: string }[]>;

/** How it proves who it is, as chosen in a form: for a key an address, or what was pasted. */
export type KeyChoice = { by: 'key' | 'secret'; address: string; keys: string };

/** Its keys, and `path` for another one. `address`: where it publishes them. `hour`: when one was seen last, in epoch ms. */
export type KeysShown = {
  path: string;
  address: string | undefined;
  rows: { href: string; name: string; kind: string; hour: number | undefined }[];
  hour: number | undefined;
};

export type ConsoleApplicationsViews = {
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
    first: string;
    /** what was chosen beside the words: a search keeps it */
    kept: Record<string, string>;
    filtered: boolean;
    states: Choice[];
    organisations: Choice[];
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
  /** Values and texts for the other side. `stage`, `warnings`: as in `Moment`. `product`: the name of the preset's. */
  'console/connect': {
    stage: 'later' | 'made' | 'shown';
    warnings: string[];
    product: string | undefined;
    form: string | undefined;
    hasSecret: boolean;
    secretKnown: boolean;
    fields: { name: string; value: string; isSecret: boolean }[];
    snippets: { file: string; when: string | undefined; text: string }[];
    notes: string[];
    unverified: string | undefined;
    discovery: string | undefined;
    /** Where the page is by GET. */
    path: string;
    name: string;
    steps: { step: 'request' | 'code' | 'token'; done: boolean }[];
    /** What was refused last, as a sentence. */
    refused: string | undefined;
    /** Of one that proves who it is by a key; `published`: as in `console/proof`, where it was registered just now. */
    byKey: (KeysShown & { published: { fault: string | undefined; names: string[] } | undefined }) | undefined;
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
    /** `choice`: between a key and a secret; `name`, `life`: of its first secret. Undefined: it proves nothing */
    proof: (KeyChoice & { choice: boolean; name: string; life: string; lives: readonly string[] }) | undefined;
    faults: string[];
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
    /** its keys; undefined: it has no need of any. `keys`: as pasted into the form that adds one */
    byKey: KeysShown | undefined;
    revision: number;
    keys: string;
    /** where it is changed how it proves who it is */
    proofPath: string;
  };
  /** Another way to prove who it is. `now`: the way of today. `preview`: what would change; `secrets`: how many stop working. */
  'console/proof': KeyChoice & {
    path: string;
    back: string;
    revision: number;
    now: 'key' | 'secret' | 'none';
    mayChange: boolean;
    preview:
      | {
          changes: { member: string; was: string; becomes: string }[];
          secrets: number;
          makesSecret: boolean;
          /** what the address answers: the names of its keys, or why they cannot be used; undefined: there is no address */
          published: { fault: string | undefined; names: string[] } | undefined;
        }
      | undefined;
  };
  /** One key, which may go. `told`: what is said before, and has to be known. */
  'console/client-key': {
    path: string;
    back: string;
    revision: number;
    name: string;
    kind: string;
    hour: number | undefined;
    mayChange: boolean;
    told: string;
    isOnly: boolean;
  };
  /** Times in epoch ms. `bundle`, `scope`: what it may know. */
  'console/overview': {
    path: string;
    contacts: string[];
    home: string | undefined;
    notes: string | undefined;
    managedBy: string | undefined;
    bundle: string | undefined;
    scope: string | undefined;
    registered: { at: number; kind: string };
    changed: { at: number; revision: number; who: string | undefined };
    lastMoment: number | undefined;
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
    /** what is changed most, each with its heading */
    groups: { group: string; fields: MemberShown[] }[];
    proof: { now: 'key' | 'secret' | 'none'; href: string };
    further: MemberShown[];
    openFurther: boolean;
  };
};
