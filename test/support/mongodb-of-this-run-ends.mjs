// Ends what mongodb-of-this-run.mjs began.
export { teardown as default } from './mongodb-of-this-run.mjs';
