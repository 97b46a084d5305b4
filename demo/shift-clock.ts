/** Loaded before anything else (`--import`) into each process of a demo with a clock of its own. */
import { CLOCK_FILE, shiftClock } from './clock.ts';

const file = process.env[CLOCK_FILE];
if (file !== undefined) shiftClock(file);
