/** English words of the console for what a node tells of itself, by the sentence of `/readyz`. See ../notices.ts. */
import type { Sentences } from '../sentences.ts';

const notices: Sentences = [
  [
    '{} of the secrets of applications expire within 30 days: see the log, and pedel clients secret list',
    'Secrets that expire within 30 days: {}. “Needs attention” says whose.',
  ],
  [
    '{} of the applications expire within 30 days: see pedel clients list',
    'Applications that expire within 30 days: {}. “Needs attention” says which.',
  ],
  [
    '{} of the applications wait for approval: see pedel clients list',
    'Applications that wait for approval: {}. They stand under “Registration”.',
  ],
];
export default notices;
