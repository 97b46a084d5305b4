/** SQLite keeps the contract, in a file, also with two nodes on that file, and where each change is applied twice. */
import { openStorage } from '../../src/storage/open.ts';
import { alternating } from './alternating.ts';
import { besideRefusals } from './beside-refusals.ts';
import { roundsOr } from './contract/together.ts';
import { storageContract } from './contract.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder({ inMemory: true });

const rounds = roundsOr(10);

storageContract('SQLite', rounds, (options) => openStorage(`sqlite:${newFile()}`, options));

storageContract('SQLite under two nodes', rounds, async (options) => {
  const uri = `sqlite:${newFile()}`;
  return alternating(await openStorage(uri, options), await openStorage(uri, options));
});

storageContract('SQLite beside refused writes', 0, async (options) =>
  besideRefusals(await openStorage(`sqlite:${newFile()}`, options)),
);
