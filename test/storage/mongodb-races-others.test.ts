/** Races on MongoDB for all but accounts, which are in the file beside this one. */
import { racesOnMongodb } from './mongodb-races.ts';

racesOnMongodb((chapter) => chapter !== 'accounts');
