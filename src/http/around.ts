/** What a request's page has around it for somebody who passed a gate, so that an error in there keeps the bar and the way on. */
import type Koa from 'koa';
import { beside } from '../domain/beside.ts';
import type { ConsoleHeading, NavigationItem } from './console-heading.ts';

/** Options of a page. */
export type Around = {
  layout: 'wide';
  console: ConsoleHeading;
  navigation: NavigationItem[];
  person: { id: string; name: string };
};

const known = beside<() => Around>('around');

/** Only for whoever may see what stands in it. `around` is asked when there is an error, in the language of then. */
export function noteAround({ req }: Koa.Context, around: () => Around): void {
  known.set(req, around);
}

/** Undefined: a stranger, or no gate was reached. */
export function aroundOf({ req }: Koa.Context): Around | undefined {
  return known.get(req)?.();
}
