/** Renders each step of an enrolment: one view per step, the same in every flow. */
import type Koa from 'koa';
import type { MessageKey, Translate } from '../../../locales/index.ts';
import type { Account } from '../../domain/account/account.ts';
import type { Organisation } from '../../domain/account/organisation.ts';
import { type EnrolmentStep, enrolmentStep, openRecoveryCodes, seedOf } from '../../domain/factors/enrolment.ts';
import { factorCodeAddress, maskedAddress } from '../../domain/factors/first-factor.ts';
import { registrationOptions, relyingPartyOf } from '../../domain/factors/passkey.ts';
import type { PendingEnrolment } from '../../domain/factors/pending-enrolment.ts';
import { totpUri } from '../../domain/factors/totp.ts';
import { languageOf } from '../../http/language.ts';
import { faultAt, type PageFault, type PageOptions } from '../../http/page.ts';
import type { Views } from '../../http/views.ts';
import type { Web } from '../web.ts';

/** The account that enrols, and the flow that embeds the enrolment. */
export type EnrolmentHost = {
  account: Account;
  pending: PendingEnrolment;
  /** The forms post to this path. A GET of it shows the current step. */
  path: string;
  organisation: Organisation;
  /** Whether the person may postpone it. Never if the factor is required. */
  later: boolean;
  /** Options of the flow's other pages: steps, layout, navigation … Enrolment sets the heading. */
  page?: Partial<PageOptions>;
  /** The uid of the session, if there is one. */
  sessionUid?: string;
};

export type EnrolmentRefusal =
  | 'wrong-code'
  | 'code-wrong'
  | 'code-exhausted'
  | 'code-gone'
  | 'too-many'
  | 'no-address'
  | 'passkey-failed'
  | 'passkey-needs-script'
  | 'taken'
  | 'full'
  | 'proof-needed';

const titles: Record<EnrolmentStep, MessageKey> = {
  'send-code': 'account.send_code_title',
  verify: 'account.verify_title',
  choose: 'account.choose_title',
  totp: 'account.totp_title',
  passkey: 'account.passkey_title',
  codes: 'account.codes_title',
};

const sentences: Record<EnrolmentRefusal, MessageKey> = {
  'wrong-code': 'account.refused_wrong_code',
  'code-wrong': 'account.refused_code_wrong',
  'code-exhausted': 'account.refused_code_exhausted',
  'code-gone': 'account.refused_code_gone',
  'too-many': 'account.refused_too_many',
  'no-address': 'account.refused_no_address',
  'passkey-failed': 'account.refused_passkey_failed',
  'passkey-needs-script': 'account.refused_passkey_needs_script',
  taken: 'account.refused_taken',
  full: 'account.refused_full',
  'proof-needed': 'account.refused_proof_needed',
};
/** Refusals about the typed code also have a few words beside the field. */
const besideCode: Partial<Record<EnrolmentRefusal, MessageKey>> = {
  'wrong-code': 'pages.field_mismatch',
  'code-wrong': 'pages.field_mismatch',
  'code-exhausted': 'pages.field_dead',
  'code-gone': 'pages.field_dead',
};

type DataOf = {
  [Step in EnrolmentStep]: (
    ctx: Koa.Context,
    host: EnrolmentHost,
    typed: string,
  ) => Promise<Views[`enrolment/${Step}`]>;
};

export function createEnrolmentPage(web: Web) {
  const { pages, sealer, issuer } = web;

  async function show(ctx: Koa.Context, host: EnrolmentHost, refusal?: EnrolmentRefusal, typed = ''): Promise<void> {
    const t = pages.t(ctx);
    const step = enrolmentStep(host.pending);
    const data = { ...fault(t, refusal), ...(await dataOf[step](ctx, host, typed)) };
    await pages.render(ctx, `enrolment/${step}`, data, {
      ...host.page,
      title: t(step === 'send-code' && host.later ? 'account.send_code_offered' : titles[step]),
      organisation: host.organisation,
      ...(step === 'passkey' ? { webauthn: true } : {}),
      ...(refusal === 'too-many' ? { status: 429 } : {}),
    });
  }

  const dataOf: DataOf = {
    async 'send-code'(_ctx, { account, path, later }) {
      const address = factorCodeAddress(account, web.now());
      return { path, later, address: address === undefined ? undefined : maskedAddress(address) };
    },
    async verify(_ctx, { pending, path, later }, typed) {
      return { path, later, typed, address: pending.codeSentTo };
    },
    async choose(_ctx, { path, later }) {
      return { path, later };
    },
    async totp(ctx, { account, pending, organisation, path, later }) {
      const seed = seedOf(account, pending, sealer);
      const uri = totpUri(seed, organisation.name[languageOf(ctx)], labelOf(account));
      const key = (seed.match(/.{1,4}/g) ?? []).join(' ');
      return { path, later, uri, key, qr: await qrCode(uri, pages.t(ctx)('account.totp_qr')) };
    },
    async passkey(ctx, { account, pending, organisation, path, later }) {
      const made = await registrationOptions(account, relyingPartyOf(web, organisation.name[languageOf(ctx)]));
      return { path, later, options: JSON.stringify({ ...made, challenge: pending.challenge }) };
    },
    async codes(ctx, { account, pending, path, later }) {
      const t = pages.t(ctx);
      const codes = openRecoveryCodes(account, pending.sealedCodes ?? '', sealer);
      const number = labelOf(account);
      const lines = [t('account.codes_file_title', { number, issuer }), '', ...codes, '', t('account.codes_file_once')];
      return {
        path,
        later,
        codes,
        whose: t('account.codes_file_title', { number, issuer: new URL(issuer).host }),
        download: `data:text/plain;charset=utf-8,${encodeURIComponent(`${lines.join('\r\n')}\r\n`)}`,
        fileName: `${t('account.codes_file_name')}-${number.replace(/[^a-z0-9]/g, '-')}.txt`,
      };
    },
  };

  return { show };
}

function fault(t: Translate, refusal: EnrolmentRefusal | undefined): Partial<PageFault> {
  if (refusal === undefined) return {};
  const sentence = t(sentences[refusal]);
  const beside = besideCode[refusal];
  return beside === undefined ? { error: sentence } : faultAt('code', sentence, t(beside));
}

function labelOf(account: Account): string {
  return account.userNumbers[0] ?? account.emails[0] ?? account.id;
}

/**
 * Inline SVG with a title for screen readers. Black on white in both themes, because cameras cannot read it otherwise.
 */
async function qrCode(uri: string, title: string): Promise<string> {
  const { default: QRCode } = await import('qrcode'); // 57 modules, for a page that a person sees once
  const svg = await QRCode.toString(uri, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' });
  const named = `<svg role="img" aria-labelledby="qr-title" class="qr" `;
  return svg.replace('<svg ', named).replace(/>/, `><title id="qr-title">${escaped(title)}</title>`);
}

const escaped = (words: string) => words.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);
