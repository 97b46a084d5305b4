/** How commands ask for logos and keys of applications: with the same guard as every call to an application (rule 18). */
import type { Config } from '../config/load.ts';
import { createOutgoingFetch } from '../oidc/outgoing/outgoing.ts';
import { type FetchKeys, fetchKeys } from '../use-cases/clients/fetch-keys.ts';
import { type FetchedLogo, fetchLogo } from '../use-cases/clients/fetch-logo.ts';

type Guarded = Pick<Config, 'allowNetworks'>;

/** Asks for each address once, because several applications may have the logo of their house. */
export function logoFetch({ allowNetworks }: Guarded): (uri: string) => Promise<FetchedLogo> {
  const outgoing = createOutgoingFetch(allowNetworks);
  const fetched = new Map<string, Promise<FetchedLogo>>();
  return (uri) => {
    const known = fetched.get(uri) ?? fetchLogo(uri, outgoing);
    fetched.set(uri, known);
    return known;
  };
}

export function keysFetch({ allowNetworks }: Guarded): FetchKeys {
  const guarded = createOutgoingFetch(allowNetworks);
  return (uri) => fetchKeys(uri, guarded);
}
