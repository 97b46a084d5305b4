/** What the pages of no other room are given. */
import type { Organisation } from '../../domain/account/organisation.ts';
import type { PageReason } from '../../domain/incidents/incident.ts';

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

export type PagesViews = {
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

  /** `again`: how to send the same request once more. */
  'api/reference': ApiReference & { lang: string };
  'api/problem': ApiProblem & { lang: string };
  'errors/page': {
    sentence: string;
    reason: PageReason;
    wayOn: { href: string; label: string };
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
  'home/page': { organisations: Organisation[] };
};
