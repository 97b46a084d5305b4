/** The application that asks for a sign-in, as its pages show it beside their heading; our own pages have no sign there. */
import type { Language } from '../../domain/account/languages.ts';
import { ownClientId } from '../../domain/clients/own-client.ts';
import type { PageOptions } from '../../http/page.ts';
import type { Interaction } from '../../oidc/sign-in/interaction.ts';

/** For `asking` of a page. */
export function askingOf({ client }: Pick<Interaction, 'client'>, language: Language): PageOptions['asking'] {
  const { id, name, logo } = client;
  return id === ownClientId ? undefined : { id, name: name[language], logo };
}
