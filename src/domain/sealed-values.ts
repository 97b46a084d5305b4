/** Where sealed values stand in what is stored: whose each is and in which field, as it was sealed (rule 25). */
import type { Account, Letter } from './account.ts';
import type { PendingEnrolment } from './enrolment.ts';
import { lastingValues, VALUES_OWNER } from './lasting-key.ts';
import type { ArchiveKind, ArchiveRecords } from './ports.ts';

export type SealedValue = { sealed: string; owner: string; field: string };

/** Every sealed value of a record, those of the audit log apart, which need the key of the account (`openValues`). */
export function sealedValuesOf<Kind extends ArchiveKind>(kind: Kind, record: ArchiveRecords[Kind]): SealedValue[] {
  const values = places[kind] as ((record: ArchiveRecords[Kind]) => Candidate[]) | undefined;
  return (values?.(record) ?? []).filter((value): value is SealedValue => value.sealed !== undefined);
}

type Candidate = { sealed: string | undefined; owner: string; field: string };

const places: { [Kind in ArchiveKind]?: (record: ArchiveRecords[Kind]) => Candidate[] } = {
  accounts: ofAccount,
  signingKeys: ({ kid, sealedPrivateJwk }) => [{ sealed: sealedPrivateJwk, owner: kid, field: 'signing-key' }],
  values: ({ name, value }) =>
    lastingValues.some((each) => each === name) ? [{ sealed: value, owner: VALUES_OWNER, field: name }] : [],
  outbox: ({ accountId, payload: { sealedSecret } }) =>
    accountId === undefined || typeof sealedSecret !== 'string'
      ? []
      : [{ sealed: sealedSecret, owner: accountId, field: 'letter' }],
};

function ofAccount({ id, totps, tickets, effects }: Account): Candidate[] {
  const letters = effects.flatMap((effect): Letter[] => (effect.kind === 'letter' ? [effect.letter] : []));
  return [
    ...totps.map(({ sealedSeed }) => ({ sealed: sealedSeed, owner: id, field: 'totp' })),
    ...tickets.flatMap(({ pending }) => [
      { sealed: pending?.sealedSeed, owner: id, field: 'totp' },
      ...ofEnrolment(id, pending?.enrolment),
    ]),
    ...letters.map(({ sealedSecret }) => ({ sealed: sealedSecret, owner: id, field: 'letter' })),
  ];
}

function ofEnrolment(owner: string, enrolment: PendingEnrolment | undefined): Candidate[] {
  return [
    { sealed: enrolment?.sealedSeed, owner, field: 'totp' },
    { sealed: enrolment?.sealedCodes, owner, field: 'recovery-codes' },
  ];
}
