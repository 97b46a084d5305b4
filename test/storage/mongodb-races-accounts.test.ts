/** Races on accounts on MongoDB: about as much work as all other races, so they have their own file. */
import { racesOnMongodb } from './mongodb-races.ts';

racesOnMongodb((chapter) => chapter === 'accounts');
