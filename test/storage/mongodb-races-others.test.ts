/** Races on MongoDB, except those on accounts. */
import { racesOnMongodb } from './mongodb-races.ts';

racesOnMongodb((chapter) => chapter !== 'accounts');
