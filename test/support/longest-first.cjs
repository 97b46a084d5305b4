// Files that wait (for a clock's next step, a time limit, a browser) begin first, so that the last worker does not wait
// for one of them alone at the end. jest would go by the sizes of files where it has not run before, as in CI.
const { default: Sequencer } = require('@jest/test-sequencer');

const first = [
  'product/same-answers',
  'nodes/database-away',
  'applications/jupyterhub',
  'storage/mongodb.',
  'e2e/',
  'product/',
  'nodes/',
  'storage/',
];

const rankOf = ({ path }) => {
  const rank = first.findIndex((part) => path.includes(`/test/${part}`));
  return rank === -1 ? first.length : rank;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rankOf(a) - rankOf(b));
  }
};
