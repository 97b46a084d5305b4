/** Emails as they are in the outbox, one of each template, and the organisations that send them. */
import { createTranslations } from '../../../locales/index.ts';
import type { Email, EmailTemplate } from '../../../src/domain/account/emails.ts';
import type { Organisation } from '../../../src/domain/account/organisation.ts';
import { createEmailRenderer } from '../../../src/mail/render-email.ts';
import { localized } from '../../support/localized.ts';
import { sealerUnder } from '../../support/sealer.ts';

export const issuer = 'https://login.example.org';
export const sealer = sealerUnder('a secret of at least thirty-two characters');
export const at = Date.UTC(2026, 10, 22, 18, 6);
export const twoDays = 48 * 3600 * 1000;

export const organisations: Organisation[] = [
  {
    id: 'kuleuven',
    name: localized('KU Leuven'),
    domains: ['kuleuven.be'],
    contacts: [
      {
        label: localized('ICTS-helpdesk', 'ICTS helpdesk'),
        email: 'helpdesk@icts.kuleuven.be',
        phone: '+32 16 32 28 00',
      },
    ],
    colour: '#00407a',
    secondFactor: 'offered',
    activation: 'link',
    access: { default: { discontinued: 'P7D' } },
  },
  {
    id: 'vives',
    name: localized('Hogeschool VIVES', 'VIVES University of Applied Sciences'),
    domains: ['vives.be'],
    contacts: [
      { label: localized('Servicedesk'), url: 'https://servicedesk.vives.be' },
      { label: localized('International office Brugge', 'International office Bruges'), phone: '+32 50 30 52 33' },
      { label: localized('International office Kortrijk'), phone: '+32 56 26 41 64' },
    ],
    colour: '#b3002d',
    secondFactor: 'required',
    activation: 'link',
    access: { default: { discontinued: 'P7D' } },
  },
];

export const render = createEmailRenderer({ sealer, issuer, organisations, translations: createTranslations() });

type Secret = { link?: string; code?: string; notMe?: string };
const notMe = '/not-me?ticket=t';

/** The smallest data with which each template can be written, and what it keeps sealed. */
export const needs: Record<EmailTemplate, { data: Record<string, string>; secret?: Secret }> = {
  invitation: {
    data: { number: 'r0011111', organisation: 'vives' },
    secret: { link: '/activate/3c1fT0ken-of_the-invitation' },
  },
  'activation-code': {
    data: { number: 'q0123456' },
    secret: { code: 'K7QP-M2XW', link: '/activate?number=q0123456&lang=nl' },
  },
  'already-active': { data: { number: 'q0123456' } },
  reset: { data: { number: 'r0011111' }, secret: { link: '/reset/9aT0ken' } },
  'factor-code': { data: { number: 'r0011111' }, secret: { code: 'ABCD-2345', notMe } },
  'recovery-code': { data: { number: 'r0011111' }, secret: { code: 'ABCD-2345', notMe } },
  'recovery-started': { data: { number: 'r0011111' }, secret: { link: '/recovery/stop?ticket=9aT0ken' } },
  'recovery-reminder': { data: { number: 'r0011111' }, secret: { link: '/recovery/stop?ticket=9aT0ken' } },
  'recovery-open': { data: { number: 'r0011111' }, secret: { link: '/recovery/stop?ticket=9aT0ken' } },
  'recovery-stopped': { data: { number: 'r0011111', because: 'email' }, secret: { notMe } },
  'password-changed': { data: { number: 'r0011111' }, secret: { notMe } },
  'factor-added': { data: { factor: 'My telephone' }, secret: { notMe } },
  'factor-removed': { data: { factor: 'My telephone' }, secret: { notMe } },
  'recovery-code-used': { data: { left: '3' }, secret: { notMe } },
  'recovery-codes-renewed': { data: {}, secret: { notMe } },
  'passkey-copied': { data: { factor: 'My security key' } },
  'address-refused': { data: { address: 'old@example.org' } },
  'password-guessed': { data: {} },
  'new-browser': {
    data: { name: 'Chrome', system: 'Windows', network: 'campus Kortrijk' },
    secret: { link: '/not-me?ticket=t' },
  },
  'stopped-halfway': {
    data: {
      name: 'Chrome',
      system: 'Windows',
      network: 'campus Kortrijk',
      happened: String(Date.UTC(2026, 8, 21, 8)),
    },
    secret: { link: '/not-me?ticket=t' },
  },
  'account-secured': { data: { factors: 'Passkey of a thief' } },
  'desk-account-disowned': { data: {} },
  'password-known': { data: {}, secret: { notMe } },
  'address-changed': {
    data: { oldAddress: 'old@example.org', newAddress: 'new@example.org' },
    secret: { link: '/account/email/undo?ticket=T0ken' },
  },
  'address-undone': { data: { gone: 'new@example.org', back: 'old@example.org' } },
  'data-downloaded': { data: {}, secret: { notMe } },
  'institution-address': { data: { newAddress: 'an@vives.be', heldUntil: '2026-10-31', organisation: 'vives' } },
  'address-proposed': { data: { newAddress: 'new@example.org', organisation: 'vives' } },
  'activated-by-feed': { data: { organisation: 'vives' } },
  'owner-added': { data: { owner: 'Bo Maes (u0000002)' } },
  'owner-removed': { data: { owner: 'Bo Maes (u0000002)' } },
  'address-confirm': { data: {}, secret: { link: '/account/email/confirm?ticket=T0ken' } },
  'secret-ends': {
    data: { application: 'Toledo', client: 'toledo', secret: 'Old server', day: '2026-10-31', used: '2026-09-20' },
  },
  'webhook-disabled': { data: { address: 'https://crm.example.edu', because: 'gave-up' } },
  'desk-acted': { data: { act: 'pass' } },
  'account-suspended': { data: { lastDay: '' } },
  'account-open-again': { data: { newPassword: '' } },
  'scim-held': { data: { source: 'hr', most: '25' } },
  'accounts-merged': { data: { number: 'r0123456', gone: 'r7654321', undoUntil: '2026-10-31' } },
  'account-parted': { data: { other: 'r7654321' } },
  'account-back': { data: { other: 'r7654321' } },
  'account-ends': { data: { lastDay: '2026-10-31' } },
  'account-ended': { data: { lastDay: '2026-10-31' } },
  'account-erased-soon': { data: { day: '2026-10-31' } },
  'registration-stopped': {
    data: { lastDay: '2026-10-31', organisation: 'vives', role: 'student', how: 'stopped', day: '2026-10-24' },
  },
};

export const templates = Object.keys(needs) as EmailTemplate[];

export function aLetter(template: EmailTemplate, change: Partial<Email> = {}, ownerId = 'account-1'): Email {
  const { data, secret } = needs[template];
  return {
    template,
    to: 'annelies@example.org',
    language: 'nl',
    organisation: 'vives',
    givenName: 'Annelies',
    data,
    ...(secret === undefined
      ? {}
      : { sealedSecret: sealer.seal(JSON.stringify(secret), ownerId, 'letter'), expiresAt: at + twoDays }),
    ...change,
  };
}

export const about = { id: 'account-1:2:0', ownerId: 'account-1', at };
