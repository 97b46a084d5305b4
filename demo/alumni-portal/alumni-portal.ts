/** The alumni portal (Dutch only): change my data, and for paying members search other alumni and print the membership card. */
import { join } from 'node:path';
import type { Context } from 'koa';
import { toString as qrCode } from 'qrcode';
import { openApplication } from '../relying-party/application.ts';
import type { Setting } from '../relying-party/character.ts';
import { fault } from '../relying-party/faults.ts';
import { readForm } from '../relying-party/form.ts';
import { numbersOf } from '../relying-party/person.ts';
import {
  type Alumnus,
  type Changes,
  changeable,
  isMember,
  longestField,
  openRegister,
  transferMessage,
} from './register.ts';

const day = new Intl.DateTimeFormat('nl-BE', { dateStyle: 'long', timeZone: 'UTC' });

export function alumniPortal(setting: Setting) {
  const application = openApplication(setting, {
    name: 'alumni-portal',
    language: 'nl',
    folder: new URL('./', import.meta.url),
    request: { scope: 'openid profile email eduperson', response_mode: 'form_post', ui_locales: 'nl' },
  });
  const { router, page, signedIn, path, site } = application;
  const register = openRegister(join(setting.data, 'alumni-register.sqlite'), new Date());

  function me(ctx: Context): Alumnus | undefined {
    const claims = application.visitor(ctx)?.claims;
    if (!claims) return undefined;
    for (const number of numbersOf(claims)) {
      const found = register.find(number);
      if (found) return found;
    }
    return claims.email && claims.email_verified === true ? register.findByEmail(claims.email) : undefined;
  }
  const memberWords = (alumnus: Alumnus) => ({
    alumnus,
    member: isMember(alumnus, new Date()),
    until: alumnus.member_until && day.format(new Date(`${alumnus.member_until}T00:00:00Z`)),
    transfer: transferMessage(alumnus.number),
  });

  /** A page for people in the register; others get an explanation of the portal. */
  const forAlumni = (show: (ctx: Context, alumnus: Alumnus) => unknown) => async (ctx: Context) => {
    const alumnus = me(ctx);
    if (!alumnus) return page(ctx, 'geen-alumnus', {});
    await show(ctx, alumnus);
  };
  const forMembers = (show: (ctx: Context, alumnus: Alumnus) => unknown) =>
    forAlumni(async (ctx, alumnus) => {
      if (isMember(alumnus, new Date())) return show(ctx, alumnus);
      await page(ctx, 'lid-worden', memberWords(alumnus));
    });

  router.get('/', async (ctx) => {
    if (!application.visitor(ctx)) return page(ctx, 'welkom', {});
    await forAlumni((_, alumnus) => page(ctx, 'start', memberWords(alumnus)))(ctx);
  });

  router.get(
    '/gegevens',
    signedIn,
    forAlumni((ctx, alumnus) =>
      page(ctx, 'gegevens', { alumnus, saved: ctx.URL.searchParams.has('bewaard'), problems: {} }),
    ),
  );
  router.post('/gegevens', signedIn, forAlumni(changeData));

  async function changeData(ctx: Context, alumnus: Alumnus) {
    const form = await readForm(ctx);
    const problems: Record<string, string> = {};
    const changes = { visible: form.get('visible') === 'yes' } as Changes;
    for (const field of changeable) {
      changes[field] = (form.get(field) ?? '').trim();
      if (changes[field].length > longestField)
        problems[field] = `Dit is te lang: gebruik hoogstens ${longestField} tekens.`;
    }
    if (changes.phone && !/^\+?[\d\s()./-]{6,30}$/.test(changes.phone)) {
      problems.phone = 'Dit nummer klopt niet. Typ het in cijfers, bijvoorbeeld +32 470 12 34 56.';
    }
    if (Object.keys(problems).length > 0) {
      ctx.status = 422;
      return page(ctx, 'gegevens', { alumnus: { ...alumnus, ...changes }, saved: false, problems });
    }
    register.change(alumnus.number, changes);
    ctx.status = 303;
    ctx.redirect(path('/gegevens?bewaard'));
  }

  router.get(
    '/zoeken',
    signedIn,
    forMembers(async (ctx) => {
      const asked = (name: string) => (ctx.URL.searchParams.get(name) ?? '').trim().slice(0, longestField);
      const search = { name: asked('naam'), year: asked('jaar'), programme: asked('opleiding'), city: asked('plaats') };
      const isAsked = Object.values(search).some(Boolean);
      await page(ctx, 'zoeken', {
        search,
        isAsked,
        results: isAsked ? register.search(search) : [],
        programmes: register.programmes(),
      });
    }),
  );

  router.get(
    '/lidkaart',
    signedIn,
    forMembers(async (ctx, alumnus) => {
      const checkAddress = `${site}/controle/${alumnus.card_code}`;
      const svg = await qrCode(checkAddress, { type: 'svg', margin: 0, errorCorrectionLevel: 'M' });
      await page(ctx, 'lidkaart', { ...memberWords(alumnus), qr: svg, checkAddress });
    }),
  );

  router.get(
    '/lid-worden',
    signedIn,
    forAlumni((ctx, alumnus) => page(ctx, 'lid-worden', memberWords(alumnus))),
  );

  /** The page behind the code on the card: it shows that the card is valid, and nothing more. */
  router.get('/controle/:code', async (ctx) => {
    const alumnus = register.byCard(String(ctx.params.code));
    if (!alumnus) throw fault('not-found');
    await page(ctx, 'controle', memberWords(alumnus));
  });

  application.koa.use((ctx) => {
    if (ctx.path !== '/' && ctx.path !== '/portaal') return;
    ctx.status = 303;
    ctx.redirect(path('/'));
  });

  return {
    ...application,
    close() {
      register.close();
      application.close();
    },
  };
}
