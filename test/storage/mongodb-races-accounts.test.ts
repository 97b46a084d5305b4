/** Races for accounts on MongoDB: about as much work as all others together, so they are run beside them. */
import { racesOnMongodb } from './mongodb-races.ts';

racesOnMongodb((chapter) => chapter === 'accounts');
