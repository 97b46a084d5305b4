/** The pages of an activation by user number: the number, the email address, the code, and the ends. */
import type Koa from 'koa';
import { faultAt } from '../../http/page.ts';
import type { Web } from '../web.ts';

export function createNumberPages({
  pages,
  organisations,
  sessions,
  lifetimes,
}: Pick<Web, 'pages' | 'organisations' | 'sessions' | 'lifetimes'>) {
  async function showForm(ctx: Koa.Context, typed = '', wrong?: 'number_missing' | 'number_form') {
    const t = pages.t(ctx);
    const beside = t(wrong === 'number_missing' ? 'pages.field_empty' : 'activation.number_form_field');
    const fault = wrong === undefined ? {} : faultAt('number', t(`activation.${wrong}`), beside);
    await pages.render(ctx, 'activation/number', { typed, ...fault }, { title: t('activation.number_title') });
  }

  async function showEmail(ctx: Koa.Context, number: string, typed = '', missing = false) {
    const t = pages.t(ctx);
    const fault = missing ? faultAt('email', t('activation.email_missing'), t('activation.email_missing_field')) : {};
    const data = { number, typed, ...fault };
    await pages.render(ctx, 'activation/email', data, {
      title: t('activation.email_title'),
      at: `${pageOf(number)}&again=1`,
    });
  }

  async function showCode(ctx: Koa.Context, number: string, wrong?: 'code_missing' | 'code_refused', typed = '') {
    const t = pages.t(ctx);
    const beside = t(wrong === 'code_missing' ? 'pages.field_empty' : 'activation.code_refused_field');
    const fault = wrong === undefined ? {} : faultAt('code', t(`activation.${wrong}`), beside);
    await pages.render(
      ctx,
      'activation/code',
      { number, typed, lifeSeconds: lifetimes.activationCodeSeconds, ...fault },
      { title: t('activation.code_title'), at: pageOf(number) },
    );
  }

  async function showActive(ctx: Koa.Context, number: string) {
    const t = pages.t(ctx);
    const data = { number, signIn: sessions.signInUrl('/account') };
    await pages.render(ctx, 'activation/active', data, { title: t('activation.active_title'), at: pageOf(number) });
  }

  async function showUnknown(ctx: Koa.Context, number: string) {
    const t = pages.t(ctx);
    const writeTo = organisations.flatMap(({ name, contacts }) => {
      const contact = contacts.find(({ email }) => email !== undefined);
      return contact?.email === undefined ? [] : [{ name, email: contact.email }];
    });
    await pages.render(
      ctx,
      'activation/unknown',
      { number, writeTo },
      { title: t('activation.unknown_title'), at: pageOf(number) },
    );
  }

  return { showForm, showEmail, showCode, showActive, showUnknown };
}

/** The URL of a number's page. */
export const pageOf = (number: string) => `/activate?number=${encodeURIComponent(number)}`;
