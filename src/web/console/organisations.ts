/** `/admin/organisations`: the rules that the configuration sets for each organisation, to read. */
import { languageOf } from '../../http/language.ts';
import type { Web } from '../web.ts';
import { accessInWords } from './access-in-words.ts';
import type { ConsoleFrame, ConsoleHandler } from './frame.ts';

export function createOrganisations(web: Web, frame: ConsoleFrame) {
  const { pages, organisations } = web;

  const show: ConsoleHandler = async (ctx, administrator) => {
    frame.require(administrator, 'organisations:read', undefined);
    const t = pages.t(ctx);
    const language = languageOf(ctx);
    const rows = organisations.map(({ id, name, secondFactor, activation, access = {}, contacts }) => ({
      id,
      name: name[language],
      secondFactor: t(secondFactor === 'required' ? 'operation.factor_required' : 'operation.factor_optional'),
      activation: t(activation === 'link' ? 'operation.activation_link' : 'operation.activation_code'),
      access: accessInWords(access, t, language),
      contacts: contacts.map(({ label, email, phone, url }) => `${label[language]}: ${email ?? phone ?? url ?? ''}`),
    }));
    await pages.render(
      ctx,
      'console/organisations',
      { rows },
      frame.page(ctx, administrator, {
        room: 'organisations',
        title: t('operation.organisations_title'),
        lead: t('operation.organisations_lead'),
      }),
    );
  };

  return { show };
}
