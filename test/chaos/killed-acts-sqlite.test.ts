/** Cost: 130 processes, 45 s of the processor. Acts of administrators, killed between any two statements on an SQLite file. */
import { describe } from '@jest/globals';
import { newPlace } from '../support/backend.ts';
import { killedActs } from './killed-acts.ts';

describe('an act that is killed between any two writes to an SQLite file happened wholly or not at all', () => {
  killedActs(newPlace);
});
