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
  home: 'Go to the home page',
  signOutTitle: 'Sign out?',
  signOutText: 'You will be signed out here and in the other applications of the association in this browser.',
  signedOutTitle: 'You are signed out',
  signedOutHere: 'You are no longer signed in to this application.',
  signedOutEverywhere: 'You are signed out here and at the association.',
  signInAgain: 'Sign in again',
  faults: {
    unavailable: [
      'The sign-in service is not available',
      'It does not answer right now. Wait a moment, then try again.',
    ],
    'not-begun-here': [
      'This sign-in has expired',
      'It took too long, was already finished, or was started in another browser. Sign in again.',
    ],
    declined: [
      'You are not signed in',
      'You did not allow access to your details, or stopped the sign-in. You can try again.',
    ],
    'sign-in-again': ['Sign in again', 'Your sign-in has expired.'],
    'second-factor': [
      'A second step is needed',
      'To see these pages, you sign in with a second step: a code from your authenticator app, or a passkey.',
    ],
    'signed-out-meanwhile': [
      'You were signed out',
      'Someone, probably you, signed out during this sign-in. Sign in again.',
    ],
    'sign-in-failed': [
      'You could not be signed in',
      'Something went wrong between us and the sign-in service. Try again.',
    ],
    'not-for-you': ['You have no access to this page', 'It belongs to someone else, or to another group of people.'],
    'not-found': ['This page does not exist', 'The address may be out of date or mistyped.'],
    refused: ['We could not accept this form', 'It came from another site. Go to the home page and start there.'],
    broken: [
      'Something went wrong',
      'This is not your fault. Try again in a moment. If it keeps happening, tell the people who run the demo.',
    ],
  },
};

const nl: Words = {
  skip: 'Naar de inhoud',
  signIn: 'Aanmelden',
  signOut: 'Afmelden',
  tryAgain: 'Opnieuw proberen',
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
      'De dienst antwoordt op dit moment niet. Wacht even en probeer het opnieuw.',
    ],
    'not-begun-here': [
      'Deze aanmelding is verlopen',
      'Ze duurde te lang, was al afgerond of begon in een andere browser. Meld u opnieuw aan.',
    ],
    declined: [
      'U bent niet aangemeld',
      'U hebt geen toegang tot uw gegevens gegeven of het aanmelden gestopt. U kunt het opnieuw proberen.',
    ],
    'sign-in-again': ['Meld u opnieuw aan', 'Uw aanmelding is verlopen.'],
    'second-factor': [
      'Er is een tweede stap nodig',
      'Om deze pagina’s te zien, meldt u zich aan met een tweede stap: een code uit uw authenticator-app of een passkey.',
    ],
    'signed-out-meanwhile': [
      'U werd afgemeld',
      'Iemand, waarschijnlijk uzelf, heeft zich afgemeld tijdens deze aanmelding. Meld u opnieuw aan.',
    ],
    'sign-in-failed': [
      'Aanmelden is niet gelukt',
      'Er ging iets mis tussen ons en de aanmelddienst. Probeer het opnieuw.',
    ],
    'not-for-you': [
      'U hebt geen toegang tot deze pagina',
      'Ze hoort bij iemand anders of bij een andere groep mensen.',
    ],
    'not-found': ['Deze pagina bestaat niet', 'Het adres is verouderd of bevat een tikfout.'],
    refused: [
      'We konden dit formulier niet aanvaarden',
      'Het kwam van een andere site. Ga naar de startpagina en begin daar.',
    ],
    broken: [
      'Er ging iets mis',
      'Dat ligt niet aan u. Probeer het straks opnieuw. Blijft het misgaan? Meld het dan aan de beheerder van de demo.',
    ],
  },
};

export const wordsFor = (language: Language): Words => ({ en, nl })[language];
