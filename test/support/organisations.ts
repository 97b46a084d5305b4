/** The three organisations of the stories: one offers the second factor, one requires it, one activates by code. */
import type { Organisation } from '../../src/domain/account/organisation.ts';
import type { Brand } from '../../src/domain/brand/brand.ts';
import type { Source } from '../../src/domain/feed/source.ts';
import { localized } from './localized.ts';

export const installation: Brand = { name: localized('Associatie', 'Association'), colour: '#1d3557' };

export const organisations: Organisation[] = [
  {
    id: 'kuleuven',
    name: localized('KU Leuven'),
    domains: ['kuleuven.be'],
    contacts: [{ label: localized('Helpdesk'), email: 'helpdesk@icts.kuleuven.be', phone: '+32 16 32 28 00' }],
    colour: '#00407a',
    secondFactor: 'offered',
    activation: 'link',
    access: { default: { discontinued: 'P7D' } },
  },
  {
    id: 'vives',
    name: localized('VIVES'),
    domains: ['vives.be', 'student.vives.be'],
    contacts: [
      { label: localized('Servicedesk'), url: 'https://www.vives.be' },
      { label: localized('International office Brugge', 'International office Bruges'), phone: '+32 50 30 52 33' },
      { label: localized('International office Kortrijk'), phone: '+32 56 26 41 64' },
    ],
    colour: '#c8102e',
    secondFactor: 'required',
    activation: 'link',
    access: { default: { discontinued: 'P7D' } },
  },
  {
    id: 'alum',
    name: localized('Alumni KU Leuven', 'KU Leuven Alumni'),
    domains: ['alum.kuleuven.be'],
    contacts: [{ label: localized('Alumnikantoor', 'Alumni office'), email: 'info@alum.kuleuven.be' }],
    colour: '#1d6e5a',
    secondFactor: 'offered',
    activation: 'code',
    access: { default: { discontinued: 'P7D' } },
  },
];

/** A source that may say everything of every organisation. */
export const csvSource: Source = {
  id: 'csv',
  organisations: organisations.map(({ id }) => id),
  numbers: [...'mqrsu'].map((letter) => `${letter}#######`),
  domains: organisations.flatMap(({ domains }) => domains),
  credentials: true,
  identity: 'none',
};
