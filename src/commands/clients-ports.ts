/** With what the commands change and preview registrations: the same use cases as of console and API, on the storage itself. */
import { passkeyDomainOf } from '../domain/factors/passkey-domain.ts';
import { pairwiseSalt, pairwiseSubject } from '../oidc/clients/pairwise.ts';
import type { EditPorts } from '../use-cases/clients/edit-client.ts';
import type { PreviewPorts } from '../use-cases/clients/preview-release.ts';
import { applyDeps } from './clients-applying.ts';
import type { Installation } from './installation.ts';
import type { Terminal } from './terminal.ts';

/** `offline`: no logo is fetched, and no keys are looked at. */
export function editPorts(
  terminal: Terminal,
  installation: Pick<Installation, 'config' | 'storage'>,
  offline: boolean,
): EditPorts {
  const {
    issuer,
    judge,
    knowsPerson = async () => true,
    fetchLogo,
    fetchKeys,
  } = applyDeps(terminal, installation, {
    dryRun: false,
    offline,
  });
  return {
    clients: installation.storage.clients,
    issuer,
    now: terminal.now,
    randomBytes: terminal.randomBytes,
    judge,
    knowsPerson,
    fetchLogo,
    fetchKeys,
    // a command may act on everybody, whatever role a service has
    grants: async () => [],
  };
}

/** Makes the salt of pairwise subjects if there is none yet. */
export async function previewPorts(terminal: Terminal, installation: Installation): Promise<PreviewPorts> {
  const { config, storage } = installation;
  const salt = await pairwiseSalt(storage.values, await installation.openSealer(), terminal.randomBytes);
  return {
    ...editPorts(terminal, installation, true),
    accounts: storage.accounts,
    organisations: config.organisations,
    domain: passkeyDomainOf(config),
    pairwise: (sector, accountId) => pairwiseSubject(salt, sector, accountId),
  };
}
