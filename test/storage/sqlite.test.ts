/** SQLite keeps the contract, in a file as it is used; and it keeps it with two nodes on that file. */
import { openStorage } from '../../src/storage/open.ts';
import { alternating } from './alternating.ts';
import { storageContract } from './contract.ts';
import { testFolder } from './folder.ts';

const newFile = testFolder();

storageContract('SQLite', (options) => openStorage(`sqlite:${newFile()}`, options));

storageContract('SQLite under two nodes', async (options) => {
  const uri = `sqlite:${newFile()}`;
  return alternating(await openStorage(uri, options), await openStorage(uri, options));
});
