/** What an incident number stands for, in words: what happened, where, to whom, and what to do. */
import type Koa from 'koa';
import type { MessageKey } from '../../locales/index.ts';
import { refusalInWords } from '../domain/clients/refusals/refusal-words.ts';
import type { Incident } from '../domain/incidents/incident.ts';
import { languageOf } from '../http/language.ts';
import type { IncidentShown } from '../http/views/desk.ts';
import type { FoundIncident } from '../use-cases/incidents/find-incident.ts';
import { applicationNames } from './account/application-names.ts';
import type { Web } from './web.ts';

type Key = Incident['kind'] extends infer Kind extends string ? Kind : never;
type Without<Text extends string> = Text extends `${infer Start}-${infer Rest}` ? `${Start}_${Without<Rest>}` : Text;
/** A kind without its two sentences does not compile. */
export type IncidentSentence = `incidents.${Without<Key>}` | `incidents.${Without<Key>}_do`;

export function createIncidentWords({ pages, ports }: Pick<Web, 'pages' | 'ports'>) {
  /** @param person as the reader may see the person; undefined: there is none */
  return async function incidentShown(
    ctx: Koa.Context,
    { incident }: FoundIncident,
    person: IncidentShown['person'],
  ): Promise<IncidentShown> {
    const t = pages.t(ctx);
    const { id, at, kind, page, client, refusal } = incident;
    const key: IncidentSentence = `incidents.${kind.replaceAll('-', '_') as Without<Key>}`;
    const names = await applicationNames(ports.clients, new Set(client === undefined ? [] : [client]), languageOf(ctx));
    const because =
      refusal === undefined ? undefined : refusalInWords({ code: refusal } as never, (each) => t(each as MessageKey));
    return {
      number: id,
      at,
      sentence: t(key),
      remedy: t(`${key}_do` as IncidentSentence),
      facts: [
        ...(client === undefined
          ? []
          : [{ label: t('incidents.application'), value: [names.get(client), client].filter(Boolean).join(' · ') }]),
        ...(because === undefined ? [] : [{ label: t('incidents.because'), value: because.sentence }]),
        ...(page === undefined ? [] : [{ label: t('incidents.page'), value: page }]),
      ],
      person,
    };
  };
}
