/** The upgrade of the schema that moves the roles of accounts into grants. Released upgrades never change. */
export const rolesUpgrade = `
-- the roles in Pedel that are granted, in one row; what was granted before stood in the accounts, under other names
CREATE TABLE role_grants (name TEXT NOT NULL UNIQUE, revision INTEGER NOT NULL, register TEXT NOT NULL) STRICT;
CREATE TEMP TABLE former (account TEXT NOT NULL, role TEXT NOT NULL);
INSERT INTO former SELECT DISTINCT accounts.id, names.role
  FROM accounts, json_each(iif(json_valid(document), document, '{}'), '$.roles') AS held
  JOIN (SELECT 'owner' AS name, 'owner' AS role UNION ALL SELECT 'admin', 'client-administrator'
    UNION ALL SELECT 'admin', 'people-administrator' UNION ALL SELECT 'helpdesk', 'desk') AS names ON names.name = held.value
  ORDER BY accounts.id, names.role;
INSERT INTO role_grants SELECT 'roles', 1, json_object('revision', 1, 'effects', json_array(), 'grants', json_group_array(
    json_object('id', lower(hex(randomblob(8))), 'holder', json_object('kind', 'person', 'id', account), 'role', role,
      'organisations', 'association', 'grantedBy', 'upgrade', 'grantedAt', unixepoch() * 1000)))
  FROM former HAVING count(*) > 0;
UPDATE accounts
  SET document = json_set(document, '$.roles', json((SELECT json_group_array(role) FROM former WHERE account = accounts.id)))
  WHERE id IN (SELECT account FROM former);
DROP TABLE former;
`;
