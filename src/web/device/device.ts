/**
 * `/device`: signing in at a device that has no keyboard or browser (RFC 8628, 3.3). The code leads to a page that says which
 * application asks, from where and since when; only the person's own press there goes on, never a link.
 */
import type Koa from 'koa';
import { z } from 'zod';
import { dayAt } from '../../domain/account/affiliation.ts';
import { homeOrganisation } from '../../domain/account/organisation.ts';
import { takeDeviceCode } from '../../domain/rate-limits/device-codes.ts';
import { readForm, readQuery, text } from '../../http/form.ts';
import { goTo } from '../../http/go-to.ts';
import { languageOf } from '../../http/language.ts';
import type { DeviceRequest } from '../../oidc/devices/device-requests.ts';
import { namedWithNumber } from '../sign-in/consent.ts';
import type { Web } from '../web.ts';
import { showDeviceCode } from './device-code.ts';

/** What somebody may type or paste. */
const LONGEST = 100;
const query = z.object({ user_code: text(LONGEST) });
const form = z.object({ action: text(), user_code: text(LONGEST) });

/** Handlers of `/device`. */
export function createDevice(web: Web) {
  async function showConfirm(ctx: Koa.Context, { code, proof, client, from, askedAt }: DeviceRequest): Promise<void> {
    const t = web.pages.t(ctx);
    const application = client.name[languageOf(ctx)];
    const session = await web.sessions.current(ctx);
    const account = session === undefined ? undefined : await web.accounts.findById(session.accountId);
    const data = {
      application,
      code,
      proof,
      whose: t(client.firstParty ? 'device.whose_ours' : 'device.whose_others', { application }),
      who: account && namedWithNumber(account),
      address: from.address,
      agent: from.agent,
      since: Math.max(0, Math.floor((web.now() - askedAt) / 1000)),
    };
    await web.pages.render(ctx, 'device/confirm', data, {
      title: t('device.confirm_title', { application }),
      organisation: account && homeOrganisation(account, web.organisations, dayAt(web.now())),
      asking: { id: client.id, name: application, logo: client.logo },
    });
  }

  /** GET. With a code, as the address that a device shows as a picture has it, the page that asks whether it is right. */
  async function show(ctx: Koa.Context): Promise<void> {
    const { user_code: typed } = readQuery(ctx, query);
    if (typed.trim() === '') return showDeviceCode(web.pages, ctx);
    const network = web.network(ctx);
    const browser = web.knownBrowsers.someone(ctx);
    const taken = await takeDeviceCode(web, { network, browser }, web.now());
    if (!taken.allowed) return showDeviceCode(web.pages, ctx, { typed, waitSeconds: taken.retryAfterSeconds });
    const found = await web.devices.find(ctx, typed);
    if (found === undefined) return showDeviceCode(web.pages, ctx, { typed, fault: 'code_refused' });
    await taken.giveBack();
    await showConfirm(ctx, found);
  }

  /** POST. Looks nothing up: the address that it leads to can be reloaded and gone back to. */
  async function submit(ctx: Koa.Context): Promise<void> {
    const { user_code: typed } = await readForm(ctx, form);
    if (typed.trim() === '') return showDeviceCode(web.pages, ctx, { fault: 'code_missing' });
    goTo(ctx, `/device?${new URLSearchParams({ user_code: typed.trim() })}`);
  }

  return { show, submit };
}
