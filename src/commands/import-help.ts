/** What `pedel people import --help` says of files, columns and exit statuses. */
import { languageIds } from '../domain/account/languages.ts';

export const IMPORT_HELP = `
Required columns:
  person, number, given_name, family_name, organisation, role
Optional columns:
  other_numbers                  separated by ;
  email, personal_email, phone
  language                       ${languageIds.join(', ')}, with or without a region (nl-BE); another
                                 language becomes the configured one
  from, until, ended_on          dates: YYYY-MM-DD
  end                            how the affiliation ends: expired (on until),
                                 completed, discontinued (ended_on alone), or
                                 withdrawn, at once; access of the organisation
                                 says how long access goes on after each
  end_reason
  groups                         names, separated by ; as in "ict-staff;chess club"
  entitlements                   URIs, separated by ; (eduperson_entitlement)
  orcid                          ORCID iD, as digits or as https://orcid.org/…
  password_hash                  argon2id, argon2i, bcrypt, {SSHA}, {SSHA256},
                                 {SSHA512}, PBKDF2, sha256-crypt and sha512-crypt,
                                 or what a realm export of Keycloak or the modules
                                 of OpenLDAP have;
                                 only with --with-credentials, from a source with
                                 credentials: true, and for accounts that were
                                 never active. Of a hash without salt, DES, MD5, NT
                                 or a scheme that is not known the person goes in
                                 without it, and is invited
  totp                           otpauth://totp/… of an authenticator app, taken as
                                 password_hash is, and only together with one in
                                 the same file; of a code that counts uses (hotp)
                                 the person goes in without it
  totp_seed                      in its place: the seed in hexadecimal, with
                                 totp_type, totp_digits, totp_period and
                                 totp_algorithm (absent: by the length of the seed)
  birthdate, gender, …           other standard claims, also with a member:
                                 address.locality

The configuration may give a source other names of columns, days such as
31/10/2027, and windows-1252 (config/README.md, "Each of sources"). Separators
(comma, semicolon, tab, sep=) and UTF-8 or UTF-16 are found. JSON lines have one
person a line, with a list "affiliations"; lists such as other_numbers may be
lists. LDIF has one entry a person, and takes its attributes from columns.
A faulty row is refused with its line, column and reason; the other rows go in.
From the person of a refused row nothing is taken away; where the row does not
say of whom it is, from nobody. --refused FILE writes what was refused, with line
and reason: mend it, and import it with --partial.
People whom the file of a full source does not name come to their end, as the
source says. An import by which too many open accounts would lose access, or
whose file is much shorter than the last, stops before it changes anything, and
says the number with which --allow-losses goes on.
What a source says about a person at an organisation replaces what it said
before. Other organisations, other sources and people who are not in the file
stay as they are. What a source may say stands in the configuration (sources):
its organisations, user numbers, address domains, groups, entitlements, and
whether it may give password hashes. A row that says more is refused.
Groups and entitlements hold as long as the affiliation of their row. An empty
cell takes them away; without the column they stay as they are. At most 100 of
each are kept of one person.

Every import is planned first and kept for 30 days, sealed (pedel people
imports); then it is applied person by person. One that was broken off, by a
kill as well, goes on with --resume, and ends as if nothing had happened. Of one
source one import runs at a time.

Exit status:
  0  all rows went in
  1  the file could not be read
  2  some rows were refused
  3  nothing was changed, because too many would lose access (--allow-losses); or
     because of a row that does not say of whom it is nothing was taken away from
     people who would have lost something

Examples:
  pedel people import people.csv --dry-run
  pedel people import --resume 6f1c…
  pedel people import people.csv --source sap --report report.csv
  pedel people import refused.csv --source sap --partial
`;
