/** What kind of second step a factor is, in words: what made it, and whether it is synced. */
import type { Translate } from '../../../locales/index.ts';
import type { Factor } from '../../domain/factors/factor.ts';
import { authenticatorName } from '../authenticator-names.ts';

/** What the page says beside the factor's own name, which its owner chose; nothing that this name says already. */
export async function factorInWords(factor: Factor, t: Translate): Promise<string[]> {
  const made = factor.kind === 'passkey' ? await authenticatorName(factor.aaguid) : undefined;
  const called = made !== undefined && !factor.name.startsWith(made) ? [made] : [];
  const kind = kindInWords(factor, t);
  return [...called, ...(kind === factor.name ? [] : [kind])];
}

function kindInWords(factor: Factor, t: Translate): string {
  if (factor.kind === 'totp') return t('account.kind_totp');
  if (factor.keyType === 'hwk') return t('account.kind_hwk');
  return t(factor.backedUp === false ? 'personal.kind_swk_alone' : 'account.kind_swk');
}
