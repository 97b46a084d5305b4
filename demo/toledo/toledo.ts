/** Toledo, the learning environment: the courses of the person who signed in. */
import type { Context } from 'koa';
import { openApplication } from '../relying-party/application.ts';
import type { Setting } from '../relying-party/character.ts';
import { fault } from '../relying-party/faults.ts';
import { fullName, institutionName, standingsOf } from '../relying-party/person.ts';
import type { Visitor } from '../relying-party/sessions.ts';
import { enrolmentOf } from './courses.ts';

export function toledo(setting: Setting) {
  const application = openApplication(setting, {
    name: 'toledo',
    language: 'en',
    folder: new URL('./', import.meta.url),
    request: { scope: 'openid profile email eduperson' },
  });
  const { router, page, signedIn } = application;

  router.get('/', async (ctx) => {
    const visitor = application.visitor(ctx);
    if (!visitor) return page(ctx, 'welcome', {});
    const standings = standingsOf(visitor.claims);
    const institutions = [...new Set(standings.map(({ institution }) => institutionName(institution)).filter(Boolean))];
    await page(ctx, 'courses', { ...enrolment(visitor), institutions });
  });
  router.get('/courses/:code', signedIn, course);

  async function course(ctx: Context) {
    const visitor = application.visitor(ctx);
    if (!visitor) throw fault('sign-in-again');
    const { role, courses } = enrolment(visitor);
    const found = courses.find(({ code }) => code === ctx.params.code);
    if (!found) throw fault('not-for-you');
    const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'Europe/Brussels' });
    const announcements = found.announcements.map((announcement) => ({
      ...announcement,
      day: day.format(Date.now() - announcement.daysAgo * 86_400_000),
    }));
    await page(ctx, 'course', { course: { ...found, announcements }, role });
  }

  return application;
}

function enrolment({ claims }: Visitor) {
  return enrolmentOf(standingsOf(claims), { fullName: fullName(claims), locale: claims.locale ?? 'nl' });
}
