/** What pages for people with a role have around them: where they are, and what stands beside the heading. */
import type { ClientLogo } from '../domain/ports/clients.ts';
import type { IconName } from './icons.ts';

/** `group`: a heading that stands before it. `count`: how many wait there, with the words for those who do not see it. */
export type NavigationItem = {
  href: string;
  label: string;
  icon: IconName;
  current: boolean;
  group?: string;
  count?: { number: number; words: string };
};
export type ConsoleHeading = {
  /** What stands in the bar beside the installation's name; absent: the console. */
  place?: { href: string; label: string };
  /** The pages above this one, from the top. */
  crumbs?: { href: string; label: string }[];
  /** What the last of them calls this page; absent: its title. */
  here?: string;
  /** One sentence under the heading. */
  lead?: string;
  /** The page's main act, where it is a page of its own. */
  action?: { href: string; label: string; icon: IconName };
  /** The application that the page is about, and what stands under its name, after its id. */
  subject?: { id: string; name: string; logo?: ClientLogo | undefined; line: string[]; state?: Badge };
  /** The pages about the same application. */
  tabs?: { href: string; label: string; current: boolean; count?: { number: number; words: string } }[];
};
/** Some words on the state of something; never a colour alone. */
export type Badge = { tone: 'good' | 'warn' | 'danger' | 'note' | 'neutral'; label: string };
