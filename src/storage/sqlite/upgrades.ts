/** The numbered upgrades that create the tables, as SQL; `schema.ts` applies them. */
import { rolesUpgrade } from './roles-upgrade.ts';

/**
 * Never change a released upgrade; add another one, which also sets `minimum` (see `installation`).
 * Times are epoch milliseconds.
 */
export const upgrades = [
  `
CREATE TABLE accounts (
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  ends_at INTEGER,
  has_effects INTEGER NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX accounts_ending ON accounts (ends_at, id) WHERE ends_at IS NOT NULL;
CREATE INDEX accounts_with_effects ON accounts (id) WHERE has_effects = 1;

CREATE TABLE account_logins (
  value TEXT NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES accounts (row)
) STRICT;
CREATE TABLE account_tickets (
  value TEXT NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES accounts (row)
) STRICT;
CREATE TABLE account_passkeys (
  value TEXT NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES accounts (row)
) STRICT;
CREATE TABLE account_feed_keys (
  value TEXT NOT NULL UNIQUE,
  account INTEGER NOT NULL REFERENCES accounts (row)
) STRICT;
-- the key is all of the row, so a second copy of it beside an index would only double the file
CREATE TABLE account_search (
  term TEXT NOT NULL,
  account_id TEXT NOT NULL,
  PRIMARY KEY (term, account_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
  id TEXT NOT NULL UNIQUE,
  revision INTEGER NOT NULL,
  record TEXT NOT NULL
) STRICT;
CREATE TABLE client_version (version INTEGER NOT NULL) STRICT;
INSERT INTO client_version VALUES (0);

CREATE TABLE consents (
  account_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  consent TEXT NOT NULL,
  UNIQUE (account_id, client_id)
) STRICT;

CREATE TABLE attempts (
  key TEXT NOT NULL UNIQUE,
  count INTEGER NOT NULL,
  window_ends_at INTEGER NOT NULL
) STRICT;
CREATE INDEX attempts_ending ON attempts (window_ends_at);

CREATE TABLE protocol_records (
  row INTEGER PRIMARY KEY,
  model TEXT NOT NULL,
  key TEXT NOT NULL,
  record TEXT NOT NULL,
  grant_id TEXT,
  expires_at INTEGER,
  consumed INTEGER, -- epoch seconds, as the library has it
  UNIQUE (model, key)
) STRICT;
CREATE INDEX protocol_records_by_grant ON protocol_records (grant_id) WHERE grant_id IS NOT NULL;
CREATE INDEX protocol_records_expiring ON protocol_records (expires_at) WHERE expires_at IS NOT NULL;
CREATE TABLE revoked_grants (
  key TEXT NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX revoked_grants_expiring ON revoked_grants (expires_at);

-- without a key and record: the tombstone of a destroyed session
CREATE TABLE sessions (
  row INTEGER PRIMARY KEY,
  uid TEXT NOT NULL UNIQUE,
  key TEXT UNIQUE,
  record TEXT,
  account_id TEXT,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX sessions_expiring ON sessions (expires_at);

CREATE TABLE signing_keys (
  kid TEXT NOT NULL UNIQUE,
  alg TEXT NOT NULL,
  generation INTEGER NOT NULL,
  record TEXT NOT NULL,
  UNIQUE (alg, generation)
) STRICT;

CREATE TABLE stored_values (
  name TEXT NOT NULL UNIQUE,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE outbox (
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  account_id TEXT,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL,
  leased_until INTEGER,
  last_error TEXT,
  finished_at INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (kind, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX outbox_waiting ON outbox (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX outbox_by_state ON outbox (state, id);
CREATE INDEX outbox_by_account ON outbox (account_id, created_at) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_finished ON outbox (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE leases (
  name TEXT NOT NULL UNIQUE,
  holder TEXT, -- null: released; the row stays, so that the token goes on growing
  held_until INTEGER NOT NULL,
  token INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_log (
  row INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  action TEXT NOT NULL,
  subject TEXT,
  client TEXT,
  entry TEXT NOT NULL
) STRICT;
CREATE INDEX audit_log_by_time ON audit_log (at, id);
CREATE INDEX audit_log_by_action ON audit_log (action, at, id);
CREATE INDEX audit_log_by_subject ON audit_log (subject, at, id) WHERE subject IS NOT NULL;
CREATE INDEX audit_log_by_client ON audit_log (client, at, id) WHERE client IS NOT NULL;
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE ON audit_log BEGIN
  SELECT raise(ABORT, 'the audit log is append-only');
END;

CREATE TABLE readiness (checked INTEGER NOT NULL) STRICT;
INSERT INTO readiness VALUES (0);
`,
  `
-- what is said of the file itself: 'minimum', the oldest schema whose version may work on it; 'copy', while one is under way
CREATE TABLE installation (name TEXT NOT NULL UNIQUE, value TEXT NOT NULL) STRICT;
INSERT INTO installation VALUES ('minimum', '2');
`,
  `
-- account_logins holds former numbers of accounts as well (formerNumbers), which an older version would free again
UPDATE installation SET value = '3' WHERE name = 'minimum';
`,
  `
-- claims whose lease ended without them; earlier versions leave it as it is
ALTER TABLE outbox ADD COLUMN lost_claims INTEGER NOT NULL DEFAULT 0;
`,
  `
-- what a client, or one person's consent to it, takes along when it goes
CREATE INDEX IF NOT EXISTS protocol_records_grants ON protocol_records
  (json_extract(record, '$.clientId'), json_extract(record, '$.accountId')) WHERE model = 'Grant';
CREATE INDEX IF NOT EXISTS consents_by_client ON consents (client_id);
`,
  `
-- the picture of an application's logo, in base64; earlier versions leave it as it is
ALTER TABLE clients ADD COLUMN picture TEXT;
`,
  `
-- tokens with which applications register themselves; earlier versions have no such endpoint
CREATE TABLE IF NOT EXISTS initial_access_tokens (
  id TEXT NOT NULL UNIQUE,
  hash TEXT NOT NULL UNIQUE,
  left_uses INTEGER NOT NULL,
  token TEXT NOT NULL
) STRICT;
`,
  `
-- identifiers and audiences of APIs (pedel_resource_servers), which no two clients have in common
CREATE TABLE client_resources (value TEXT NOT NULL UNIQUE, client TEXT NOT NULL) STRICT;
CREATE INDEX client_resources_by_client ON client_resources (client);
`,
  `
-- what applications were refused; client: null where the request names none that is registered. Earlier versions leave it
CREATE TABLE refusals (
  id TEXT NOT NULL UNIQUE,
  client TEXT,
  first_at INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  count INTEGER NOT NULL,
  incident TEXT,
  slot INTEGER, -- null: it is only counted, and takes no room in its hour
  record TEXT NOT NULL
) STRICT;
CREATE INDEX refusals_by_client ON refusals (client, last_at, id);
CREATE INDEX refusals_by_time ON refusals (last_at, id);
CREATE INDEX refusals_by_hour ON refusals (client, first_at, slot) WHERE slot IS NOT NULL;
`,
  `
-- the hash chain of the audit log (node: null in entries of earlier versions), its checkpoints, and who did it
ALTER TABLE audit_log ADD COLUMN node TEXT;
ALTER TABLE audit_log ADD COLUMN seq INTEGER;
ALTER TABLE audit_log ADD COLUMN hash TEXT;
ALTER TABLE audit_log ADD COLUMN actor TEXT;
DROP TRIGGER audit_log_is_append_only;
UPDATE audit_log SET actor = json_extract(entry, '$.actor.id')
  WHERE json_valid(entry) AND json_type(entry, '$.actor.id') = 'text';
CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE ON audit_log BEGIN
  SELECT raise(ABORT, 'the audit log is append-only');
END;
CREATE UNIQUE INDEX audit_log_chain ON audit_log (node, seq) WHERE node IS NOT NULL;
CREATE INDEX audit_log_by_actor ON audit_log (actor, at, id) WHERE actor IS NOT NULL;
CREATE TABLE audit_checkpoints (number INTEGER NOT NULL UNIQUE, checkpoint TEXT NOT NULL) STRICT;
CREATE TRIGGER audit_checkpoints_are_append_only BEFORE UPDATE ON audit_checkpoints BEGIN
  SELECT raise(ABORT, 'checkpoints of the audit log are append-only');
END;
INSERT INTO installation VALUES ('auditChain', lower(hex(randomblob(8))));
`,
  `
-- when applications were last used, to the hour; earlier versions leave it
CREATE TABLE client_uses (
  client TEXT NOT NULL,
  used_for TEXT NOT NULL,
  hour INTEGER NOT NULL,
  UNIQUE (used_for, client)
) STRICT;
CREATE INDEX client_uses_by_client ON client_uses (client);
`,
  `
-- the revisions of a client, as a JSON array (null: none is known); an earlier version leaves them, and adds none of its own
ALTER TABLE clients ADD COLUMN history TEXT;
`,
  `
-- where other systems hear what happened; earlier versions leave them, and their events wait in the audit log
CREATE TABLE webhooks (id TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, webhook TEXT NOT NULL) STRICT;
`,
  rolesUpgrade,
  `
-- people are found within their organisations (searchStart), and by the personal address no more; earlier versions go on with
-- the terms that they know
DELETE FROM account_search WHERE (term, account_id) IN (
  SELECT lower(json_extract(document, '$.personalEmail')), id FROM accounts WHERE json_valid(document)
    AND NOT EXISTS (SELECT 1 FROM json_each(document, '$.emails') AS own
      WHERE own.value = lower(json_extract(document, '$.personalEmail'))));
INSERT OR IGNORE INTO account_search (term, account_id)
  SELECT char(31) || json_extract(affiliation.value, '$.organisation') || char(31) || found.term, found.account_id
  FROM account_search AS found CROSS JOIN accounts ON accounts.id = found.account_id,
    json_each(iif(json_valid(document), document, '{}'), '$.affiliations') AS affiliation
  WHERE found.term < char(31) OR found.term >= char(32);
INSERT OR IGNORE INTO account_search (term, account_id)
  SELECT char(31) || json_extract(affiliation.value, '$.organisation') || char(31), accounts.id
  FROM accounts, json_each(iif(json_valid(document), document, '{}'), '$.affiliations') AS affiliation;
`,
  `
-- what happened under the incident numbers that pages show; account: null where nobody was signed in. Earlier versions leave it
CREATE TABLE incidents (id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, account TEXT, incident TEXT NOT NULL) STRICT;
CREATE INDEX incidents_by_time ON incidents (at);
CREATE INDEX incidents_by_account ON incidents (account, at, id) WHERE account IS NOT NULL;
`,
  `
-- invitations that wait are found by when the account opens (invitationTerm); an earlier version sends them with the next feed
INSERT OR IGNORE INTO account_search (term, account_id)
  SELECT printf('Invitation %015d %s', max(0, coalesce(json_extract(document, '$.windows[0].from'), 0)), id), id FROM accounts
  WHERE json_extract(iif(json_valid(document), document, '{}'), '$.invitationWaits');
`,
  `
-- one kind of act in one application; sign-ins, which are most of the log, are found by the application alone
CREATE INDEX IF NOT EXISTS audit_log_by_client_and_action ON audit_log (client, action, at, id)
  WHERE client IS NOT NULL AND action <> 'sign-in';
`,
  `
-- what one service seldom did, among a hundred thousand acts of another kind
CREATE INDEX IF NOT EXISTS audit_log_by_actor_and_action ON audit_log (actor, action, at, id)
  WHERE actor IS NOT NULL AND action <> 'sign-in';
`,
  `
-- what is in no chain, which without it is looked for among all that is, in one go, each time that the log is signed or pruned
CREATE INDEX IF NOT EXISTS audit_log_loose ON audit_log (at, id) WHERE node IS NULL;
`,
  `
-- under which Message-ID a letter goes out; a letter that an earlier version stores has none
ALTER TABLE outbox ADD COLUMN message_id TEXT;
UPDATE outbox SET message_id = message_id_of(id) WHERE kind = 'letter';
CREATE INDEX outbox_by_message_id ON outbox (message_id) WHERE message_id IS NOT NULL;
`,
  `
-- what goes before others of its kind; an earlier version stores all alike
ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_urgent ON outbox (kind, next_attempt_at) WHERE state = 'waiting' AND urgent = 1;
`,
];
