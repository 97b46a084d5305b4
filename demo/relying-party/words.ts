/** The sentences that all applications share, in the language of each. */
import type { FaultKind } from './faults.ts';

export type Language = 'en' | 'nl';
type Words = {
  skip: string;
  signIn: string;
  signOut: string;
  tryAgain: string;
  home: string;
  signOutTitle: string;
  signOutText: string;
  signedOutTitle: string;
  signedOutHere: string;
  signedOutEverywhere: string;
  signInAgain: string;
  faults: Record<FaultKind, [title: string, text: string]>;
};

const en: Words = {
  skip: 'Skip to the content',
  signIn: 'Sign in',
  signOut: 'Sign out',
  tryAgain: 'Try again',
  home: 'To the home page',
  signOutTitle: 'Sign out?',
  signOutText: 'This signs you out here and at the other applications of the association in this browser.',
  signedOutTitle: 'You are signed out',
  signedOutHere: 'You are no longer signed in to this application.',
  signedOutEverywhere: 'You are signed out here and at the association.',
  signInAgain: 'Sign in again',
  faults: {
    unavailable: [
      'The sign-in service is not available',
      'It does not answer at the moment. Wait a little and try again.',
    ],
    'not-begun-here': [
      'This sign-in was not finished',
      'It took too long, was finished already, or began in another browser. Start again: that takes a moment.',
    ],
    declined: ['You did not go on', 'Without your go-ahead we learn nothing about you, and you stay signed out.'],
    'sign-in-again': ['Please sign in again', 'Your sign-in has come to its end.'],
    'second-factor': [
      'A second step is needed',
      'What is kept here is shown only after a second step: a code from your authenticator app, or a passkey.',
    ],
    'signed-out-meanwhile': [
      'You were signed out',
      'Somebody, probably you, signed out while this sign-in was under way.',
    ],
    'sign-in-failed': [
      'Signing in did not work',
      'Something went wrong between us and the sign-in service. Try again.',
    ],
    'not-for-you': ['This page is not yours to see', 'It belongs to somebody else, or to another group of people.'],
    'not-found': ['This page does not exist', 'Perhaps the address has a slip in it, or what was here is gone.'],
    refused: [
      'This request was refused',
      'It did not come from one of our own pages. Go to the home page and start there.',
    ],
    broken: [
      'Something went wrong',
      'That is our fault, not yours. Try again; if it stays, tell the people who run the demo.',
    ],
  },
};

const nl: Words = {
  skip: 'Naar de inhoud',
  signIn: 'Aanmelden',
  signOut: 'Afmelden',
  tryAgain: 'Probeer opnieuw',
  home: 'Naar de startpagina',
  signOutTitle: 'Afmelden?',
  signOutText: 'U wordt hier afgemeld, en ook bij de andere toepassingen van de associatie in deze browser.',
  signedOutTitle: 'U bent afgemeld',
  signedOutHere: 'U bent niet langer aangemeld bij deze toepassing.',
  signedOutEverywhere: 'U bent hier en bij de associatie afgemeld.',
  signInAgain: 'Opnieuw aanmelden',
  faults: {
    unavailable: [
      'De aanmelddienst is niet beschikbaar',
      'Hij antwoordt op dit ogenblik niet. Wacht even en probeer opnieuw.',
    ],
    'not-begun-here': [
      'Deze aanmelding is niet afgerond',
      'Ze duurde te lang, was al afgerond, of begon in een andere browser. Begin opnieuw: dat is zo gebeurd.',
    ],
    declined: ['U bent niet verdergegaan', 'Zonder uw akkoord krijgen wij geen gegevens en blijft u afgemeld.'],
    'sign-in-again': ['Meld u opnieuw aan', 'Uw aanmelding is afgelopen.'],
    'second-factor': [
      'Er is een tweede stap nodig',
      'Wat hier staat, tonen we pas na een tweede stap: een code uit uw authenticator-app of een passkey.',
    ],
    'signed-out-meanwhile': [
      'U werd afgemeld',
      'Iemand, wellicht uzelf, heeft afgemeld terwijl u aan het aanmelden was.',
    ],
    'sign-in-failed': ['Aanmelden is niet gelukt', 'Er liep iets mis tussen ons en de aanmelddienst. Probeer opnieuw.'],
    'not-for-you': ['Deze pagina is niet voor u', 'Ze hoort bij iemand anders of bij een andere groep.'],
    'not-found': [
      'Deze pagina bestaat niet',
      'Misschien staat er een tikfout in het adres, of is wat hier stond verdwenen.',
    ],
    refused: [
      'Dit verzoek is geweigerd',
      'Het kwam niet van een van onze eigen pagina’s. Begin opnieuw op de startpagina.',
    ],
    broken: [
      'Er ging iets mis',
      'Dat is onze fout, niet de uwe. Probeer opnieuw; lukt het niet, meld het dan aan wie de demo beheert.',
    ],
  },
};

export const wordsFor = (language: Language): Words => ({ en, nl })[language];
