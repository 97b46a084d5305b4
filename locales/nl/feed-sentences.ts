/**
 * What is wrong with a row or a file of a feed, and what is noted of a person, in Dutch, by the English sentence (`{}`: any
 * text, which stays as it is; `{+}`: another of these sentences). Of a row it follows the name of a column and its value.
 * Names of columns and options are written so everywhere, and stay. See ../feed-sentences.ts.
 */
import type { Sentences } from '../sentences.ts';

const join = 'een beheerder kan ze samenvoegen';
const tooSlow = 'nakijken zou langer duren dan een aanmelding mag';
const invite = 'laat de eigenaar activeren met een code of link';
const number = 'moet een letter en zeven cijfers zijn, zoals r0123456';
const numberIs = 'must be a letter and seven digits, such as r0123456';

/** Of the text of a cell. */
const cells: Sentences = [
  ['is too long ({} characters): shorten it to {} at most', 'is te lang ({} tekens): kort het in tot hoogstens {}'],
  ['holds a null byte: enter it again', 'bevat een null-byte: vul het opnieuw in'],
  [
    'holds bytes that are not UTF-8: save the file as UTF-8, or set encoding: windows-1252 for this source',
    'bevat bytes die geen UTF-8 zijn: sla het bestand op als UTF-8, of stel encoding: windows-1252 in voor deze bron',
  ],
  [
    'was UTF-8 that a program took for windows-1252 ("Ã©" for "é"): export it again, as UTF-8 throughout',
    'was UTF-8 dat een programma als windows-1252 las (“Ã©” voor “é”): exporteer het opnieuw, helemaal als UTF-8',
  ],
  ['holds a control character: enter it again', 'bevat een stuurteken: vul het opnieuw in'],
  [
    'holds a line break or another control character: enter it again, on one line',
    'bevat een regeleinde of een ander stuurteken: vul het opnieuw in, op één regel',
  ],
  [
    'holds an invisible character that changes the direction of writing: enter it again',
    'bevat een onzichtbaar teken dat de schrijfrichting verandert: vul het opnieuw in',
  ],
  [
    'was made a number by a spreadsheet: give the column the format Text, and enter it again',
    'werd door een rekenblad een getal: geef de kolom de opmaak Tekst, en vul het opnieuw in',
  ],
  [
    'is what a spreadsheet shows where a formula fails: correct the formula, or enter the value itself',
    'is wat een rekenblad toont als een formule mislukt: verbeter de formule, of vul de waarde zelf in',
  ],
  [
    'is what a spreadsheet shows where a column is too narrow: widen it, and save the file again',
    'is wat een rekenblad toont als een kolom te smal is: maak ze breder, en sla het bestand opnieuw op',
  ],
  [
    'begins with a quotation mark: enclose the whole cell, or nothing, and double quotes within it',
    'begint met een aanhalingsteken: zet de hele cel tussen aanhalingstekens of niets, en verdubbel die erbinnen',
  ],
  ['is empty: fill it in', 'is leeg: vul het in'],
  ['must be one of {}', 'moet een van deze zijn: {}'],
  [
    'differs from line {}, which is about the same person: correct one of them',
    'verschilt van regel {}, die over dezelfde persoon gaat: verbeter er een van',
  ],
];

const days: Sentences = [
  [
    'is the number that a spreadsheet keeps for a date: give the column the format YYYY-MM-DD',
    'is het getal dat een rekenblad voor een datum bewaart: geef de kolom de opmaak JJJJ-MM-DD',
  ],
  ['is no day of the calendar ({}): correct the date', 'is geen dag op de kalender ({}): verbeter de datum'],
  [
    'has a year of two digits: give the column the format YYYY-MM-DD',
    'heeft een jaartal van twee cijfers: geef de kolom de opmaak JJJJ-MM-DD',
  ],
  [
    'must be a date, {}; if all its days are written so, set dates: {} or {} for source "{}"',
    'moet een datum zijn, {}; zijn alle dagen zo geschreven, stel dan dates: {} of {} in voor bron “{}”',
  ],
  [
    'must be a date, {}; if all its days are written so, set dates: {} for source "{}"',
    'moet een datum zijn, {}; zijn alle dagen zo geschreven, stel dan dates: {} in voor bron “{}”',
  ],
  ['must be a date, {}, such as 2027-10-31', 'moet een datum zijn, {}, zoals 2027-10-31'],
  ['must be a date, {}', 'moet een datum zijn, {}'],
  ['is before the beginning ({}): correct one of them', 'valt voor het begin ({}): verbeter er een van'],
  ['needs its day: give ended_on, or until', 'heeft een dag nodig: geef ended_on of until'],
];

const values: Sentences = [
  [`lacks its letter: ${numberIs}`, `mist zijn letter: ${number}`],
  [
    `lacks digits (did a spreadsheet cut zeros?): ${numberIs}`,
    `mist cijfers (liet een rekenblad nullen weg?): ${number}`,
  ],
  [numberIs, number],
  ['is not a number that source "{}" may name ({}): {+}', 'is geen nummer dat bron “{}” mag noemen ({}): {+}'],
  ['must be a telephone number', 'moet een telefoonnummer zijn'],
  [
    'must be an ORCID iD such as 0000-0002-1825-0097, whose last character is its checksum',
    'moet een ORCID iD zijn zoals 0000-0002-1825-0097; het laatste teken is het controleteken',
  ],
  ['must be a language tag such as nl or nl-BE', 'moet een taalcode zijn zoals nl of nl-BE'],
  ['must be an e-mail address', 'moet een e-mailadres zijn'],
  ['holds several addresses: give one', 'bevat verschillende adressen: geef er één'],
  [
    'is of no organisation of the association: an address from outside belongs into personal_email',
    'is van geen organisatie van de associatie: een adres van buiten hoort in personal_email',
  ],
  ['is not an address that source "{}" may give ({}): {+}', 'is geen adres dat bron “{}” mag geven ({}): {+}'],
  ['is not an organisation of source "{}" ({}): {+}', 'is geen organisatie van bron “{}” ({}): {+}'],
  ['give one of these, or extend {} of the source', 'geef een van deze, of vul {} van de bron aan'],
  [
    'is not {+} that source "{}" may give ({}): leave it out, or add it to {} of the source',
    'is geen {+} van bron “{}”, die alleen deze mag geven: {}; laat ze weg, of voeg ze toe aan {} van de bron',
  ],
  ['a group', 'groep'],
  ['an entitlement', 'entitlement'],
  [
    'cannot be taken: source "{}" may give no {} until the configuration lists them, for example {}',
    'wordt niet overgenomen: bron “{}” mag geen {} geven zolang de configuratie ze niet noemt, bijvoorbeeld {}',
  ],
  [
    'holds {} values, at most {} are kept of one person: leave out {} that no application asks for',
    'bevat {} waarden, en van één persoon worden er hoogstens {} bewaard: laat {} weg die geen toepassing vraagt',
  ],
  [
    'is no name of a group: begin with a letter or digit, and use letters, digits, spaces and {} only',
    'is geen naam van een groep: begin met een letter of cijfer, en gebruik alleen letters, cijfers, spaties en {}',
  ],
  [
    'is no URI: give a URN such as {}, or a web address, with %3B and the like for special characters',
    'is geen URI: geef een URN zoals {}, of een webadres, met %3B en dergelijke voor bijzondere tekens',
  ],
];

const credentials: Sentences = [
  ['source "{}" may not give credentials: {+}', 'bron “{}” mag geen wachtwoorden of tweede stappen geven: {+}'],
  [
    'leave it empty, or set credentials: true for this source in the configuration',
    'laat het leeg, of zet credentials: true voor deze bron in de configuratie',
  ],
  ['stands beside totp: give one of the two', 'staat naast totp: geef een van beide'],
  [
    'was left out among the refused rows: copy it from the file that was imported, or empty it',
    'werd bij de geweigerde rijen weggelaten: neem het over uit het bestand van toen, of maak het leeg',
  ],
  ['must be 10 to 64 bytes in hexadecimal', 'moet 10 tot 64 bytes hexadecimaal zijn'],
  ['leave it empty, and the person sets one up', 'laat het leeg, dan stelt de persoon er zelf een in'],
  ['is of another type than totp: {+}', 'is van een ander type dan totp: {+}'],
  [
    'must be a key URI of an authenticator app: otpauth://totp/NAME?secret=…',
    'moet een sleutel-URI van een authenticator-app zijn: otpauth://totp/NAAM?secret=…',
  ],
  ['has no secret of 16 to 103 signs of base32: {+}', 'heeft geen geheim van 16 tot 103 tekens base32: {+}'],
  [
    'has an algorithm other than SHA1, SHA256 and SHA512: {+}',
    'heeft een ander algoritme dan SHA1, SHA256 en SHA512: {+}',
  ],
  ['has codes of other than 6 or 8 digits: {+}', 'heeft codes van een ander aantal cijfers dan 6 of 8: {+}'],
  ['has codes for other than 30 or 60 seconds: {+}', 'heeft codes voor een andere tijd dan 30 of 60 seconden: {+}'],
  [
    'is an argon2 hash outside {}: it would take longer than a sign-in may; let its owner activate by code or link',
    `is een argon2-hash buiten {}: ${tooSlow}; ${invite}`,
  ],
  [
    'is a bcrypt hash of a cost outside 4 to 12: it would take longer than a sign-in may; let its owner activate by code or link',
    `is een bcrypt-hash met een kost buiten 4 tot 12: ${tooSlow}; ${invite}`,
  ],
  [
    'is a salted SHA hash of a wrong length: export it again, or let its owner activate by code or link',
    `is een SHA-hash met salt van een verkeerde lengte: exporteer ze opnieuw, of ${invite}`,
  ],
  [
    'is a PBKDF2 hash of a wrong length: export it again, or let its owner activate by code or link',
    `is een PBKDF2-hash van een verkeerde lengte: exporteer ze opnieuw, of ${invite}`,
  ],
  [
    'is a PBKDF2 hash of more than {} rounds for each part of the key: it would take longer than a sign-in may; let its owner activate by code or link',
    `is een PBKDF2-hash van meer dan {} rondes per deel van de sleutel: ${tooSlow}; ${invite}`,
  ],
  [
    'is {}-crypt of more than {} rounds: it would take longer than a sign-in may; let its owner activate by code or link',
    `is {}-crypt van meer dan {} rondes: ${tooSlow}; ${invite}`,
  ],
  [
    'is sha256-crypt or sha512-crypt that is not whole: {} and 86 signs ($5$: 43), rounds=1000 at least where they are said',
    'is sha256-crypt of sha512-crypt die niet volledig is: {} en 86 tekens ($5$: 43), en rounds=1000 of meer waar ze staan',
  ],
  ['must be a hash: {}, never the password itself', 'moet een hash zijn: {}, en nooit het wachtwoord zelf'],
];

/** Rule 26. */
const owners: Sentences = [
  ['belongs to person {} of this source: correct one of them', 'is van persoon {} van deze bron: verbeter er een van'],
  [
    'belongs to {+}, and no number is shared: an administrator may join them',
    `is van {+}, en geen nummer is gelijk: ${join}`,
  ],
  [
    '{} belongs to {+}, and no source confirms that number: an administrator may join them',
    `{} is van {+}, en geen bron bevestigt dat nummer: ${join}`,
  ],
  [
    '{} belongs to {+}, with another date of birth: an administrator may join them',
    `{} is van {+}, met een andere geboortedatum: ${join}`,
  ],
  [
    '{} belongs to an account with a role, which no feed changes',
    '{} is van een account met een rol, dat geen bestand verandert',
  ],
  [
    '{} was a number of {+}, which was active, and never goes to anybody else: give a new number',
    '{} was een nummer van {+}, dat actief was, en gaat nooit naar een ander: geef een nieuw nummer',
  ],
  [
    '{} is of an organisation at which this person has no role: give its role as well, or leave the address out',
    '{} is van een organisatie waar deze persoon geen rol heeft: geef de rol erbij, of laat het adres weg',
  ],
  [
    'this account has a role ({}), so no feed changes it (would change: {})',
    'dit account heeft een rol ({}), dus verandert geen bestand het (zou veranderen: {})',
  ],
  [
    'numbers and addresses of this person belong to {+}, and others to {+}: an administrator may join them',
    `nummers en adressen van deze persoon zijn van {+}, en andere van {+}: ${join}`,
  ],
  [
    'a number or address of this person belongs to {+}: an administrator may join them',
    `een nummer of adres van deze persoon is van {+}: ${join}`,
  ],
  [
    '{} is claimed by person {} of this file as well: correct one of them',
    '{} wordt in dit bestand ook aan persoon {} gegeven: verbeter er een van',
  ],
  [
    'this account is being merged or split: try again',
    'dit account wordt net samengevoegd of gesplitst: probeer het opnieuw',
  ],
  [
    '{} belonged to an account that was erased, and never goes to anybody again: give a new one',
    '{} was van een account dat gewist is, en gaat nooit meer naar iemand: geef een nieuw',
  ],
];

/** Of JSON lines, LDIF and rows of a CSV. */
const records: Sentences = [
  [
    'is no JSON: write each person as one object on one line, in double quotes throughout',
    'is geen JSON: schrijf elke persoon als één object op één regel, overal met dubbele aanhalingstekens',
  ],
  ['is no JSON object: write each person as {}', 'is geen JSON-object: schrijf elke persoon als {}'],
  ['must be a list with one object for each role: {}', 'moet een lijst zijn met één object per rol: {}'],
  ['must be an object such as {}', 'moet een object zijn zoals {}'],
  [
    'is said of the person: write it beside affiliations, not within',
    'hoort bij de persoon: schrijf het naast affiliations, niet erin',
  ],
  ['is unknown: leave it out, or use one of {}', 'is onbekend: laat het weg, of gebruik een van {}'],
  ['must be a text, or a list of texts', 'moet een tekst zijn, of een lijst van teksten'],
  [
    'is no entry: begin each with dn:, and end it with a blank line',
    'is geen entry: begin elke met dn:, en eindig ze met een lege regel',
  ],
  [
    'is no attribute: write name: value, and begin the rest of a long value with a space',
    'is geen attribuut: schrijf naam: waarde, en begin de rest van een lange waarde met een spatie',
  ],
  [
    'is a change record: export the entries themselves (ldapsearch -LLL, slapcat)',
    'is een wijziging: exporteer de entries zelf (ldapsearch -LLL, slapcat)',
  ],
  [
    '{} stands in another file, which is not read: export its value',
    '{} staat in een ander bestand, dat niet gelezen wordt: exporteer de waarde',
  ],
  [
    'has {} cells instead of {}: add the missing separators, or join the lines that a line break made of one',
    'heeft {} cellen in plaats van {}: voeg de ontbrekende scheidingstekens toe, of maak één regel van wat een regeleinde brak',
  ],
  [
    'has {} cells instead of {}: enclose a cell that holds a separator in quotation marks, or delete what is too much',
    'heeft {} cellen in plaats van {}: zet een cel met een scheidingsteken erin tussen aanhalingstekens, of verwijder wat te veel is',
  ],
  [
    'a quotation mark opened here is never closed, so nothing from here on could be read: close it, or double it within a cell',
    'een aanhalingsteken dat hier begint, eindigt nergens, dus vanaf hier was niets te lezen: sluit het, of verdubbel het binnen een cel',
  ],
];

/** Of a whole file. */
const files: Sentences = [
  [
    'this is a workbook of a spreadsheet (.xlsx, .ods) or a zip archive, not a CSV: open it, {+}',
    'dit is een werkmap van een rekenblad (.xlsx, .ods) of een zip-archief, geen CSV: open het, {+}',
  ],
  [
    'this is a workbook of a spreadsheet (.xls), not a CSV: open it, {+}',
    'dit is een werkmap van een rekenblad (.xls), geen CSV: open het, {+}',
  ],
  [
    'choose "Save as" and "CSV UTF-8" in the spreadsheet, and import that file',
    'kies “Opslaan als” en “CSV UTF-8” in het rekenblad, en laad dat bestand op',
  ],
  [
    'this is compressed (gzip): unpack it first, for example gunzip -c FILE | pedel people import -',
    'dit is gecomprimeerd (gzip): pak het eerst uit, bijvoorbeeld met gunzip',
  ],
  ['this is a PDF: ask for the list as CSV', 'dit is een PDF: vraag de lijst als CSV'],
  [
    'the columns are separated by |: save the file with commas, semicolons or tabs between them',
    'de kolommen zijn gescheiden door |: sla het bestand op met komma’s, puntkomma’s of tabs ertussen',
  ],
  [
    "this is one JSON list: write a person a line, for example with jq -c '.[]' FILE | pedel people import -",
    "dit is één JSON-lijst: schrijf elke persoon op een eigen regel, bijvoorbeeld met jq -c '.[]'",
  ],
  [
    'this is a web page: did the download ask for a sign-in? Save the list itself',
    'dit is een webpagina: vroeg de download om aan te melden? Sla de lijst zelf op',
  ],
  [
    'this is XML, which is not read: ask for the list as CSV or JSON lines',
    'dit is XML, en dat wordt niet gelezen: vraag de lijst als CSV of JSON lines',
  ],
  ['the file is empty: export it again', 'het bestand is leeg: exporteer het opnieuw'],
  ['the first line does not name the columns of a feed:', 'de eerste regel noemt niet de kolommen die nodig zijn:'],
  ['the first line cannot be read: {}', 'de eerste regel is niet te lezen: {}'],
  [
    'line {} has more than a million characters: give each person a line',
    'regel {} heeft meer dan een miljoen tekens: geef elke persoon een regel',
  ],
  [
    'it holds none of their names: write {} above the rows, or map the names in columns of the source',
    'ze bevat geen enkele van hun namen: schrijf {} boven de rijen, of koppel de namen bij columns van de bron',
  ],
  ['column {} has no name: give it one, or delete it', 'kolom {} heeft geen naam: geef er een, of verwijder de kolom'],
  ['the column {} is', 'de kolom {}'],
  ['the columns {} are', 'de kolommen {}'],
  ['{+} there twice: delete one', '{+} staat er twee keer: verwijder er een'],
  [
    '{+} missing: add {}, or map {} in columns of the source',
    'dit ontbreekt: {+}; voeg het toe, of koppel het bij columns van de bron',
  ],
  [
    '{+} unknown: leave out what is not needed, map it in columns of the source, or use {}',
    'dit is onbekend: {+}; laat weg wat niet nodig is, koppel het bij columns van de bron, of gebruik {}',
  ],
  ['it cannot be read ({})', 'het is niet te lezen ({})'],
  [
    'the form has something after its file: send it from the page again',
    'het formulier heeft nog iets na het bestand: verstuur het opnieuw vanaf de pagina',
  ],
  [
    'the form cannot be read: send it from the page again',
    'het formulier is niet te lezen: verstuur het opnieuw vanaf de pagina',
  ],
  ['choose a file that is not empty', 'kies een bestand dat niet leeg is'],
  ['the upload was broken off', 'het opladen werd afgebroken'],
  ['the upload came to a standstill', 'het opladen viel stil'],
  ['the upload took too long', 'het opladen duurde te lang'],
  ['the node was stopped during the upload', 'de node werd gestopt tijdens het opladen'],
  ['it is kept no more', 'het wordt niet meer bewaard'],
  ['the node that was at it was stopped', 'de node die ermee bezig was, werd gestopt'],
  ['something went wrong: the log of the node has more', 'er ging iets mis: het logboek van de node zegt meer'],
];

const notes: Sentences = [
  ['invited', 'uitgenodigd'],
  ['not invited: there is no personal e-mail address', 'niet uitgenodigd: er is geen persoonlijk e-mailadres'],
  [
    'not invited yet: the account {+}, and is invited then',
    'nog niet uitgenodigd: het account {+}; de uitnodiging volgt dan',
  ],
  ['is suspended', 'is geschorst'],
  ['opens on {}', 'opent op {}'],
  ['access {+} on {} (end of day)', 'de toegang {+} op {} (einde van de dag)'],
  ['ended', 'eindigde'],
  ['ends', 'eindigt'],
  ['closed until {}', 'gesloten tot {}'],
  ['joined with {+} by number {}', 'samengevoegd met {+} door nummer {}'],
  ['an account that no source names', 'een account dat geen bron noemt'],
  ['another account', 'een ander account'],
  ['the account of source {+}', 'het account van bron {+}'],
  ['"{}" (person {})', '“{}” (persoon {})'],
  [
    '{} is not changed: source {+} places the person at another organisation',
    '{} verandert niet: bron {+} plaatst de persoon bij een andere organisatie',
  ],
  ['{} is not changed: source {+} says otherwise', '{} verandert niet: bron {+} zegt iets anders'],
  ['{} is changed, though source {+} says otherwise', '{} verandert, hoewel bron {+} iets anders zegt'],
  [
    'the end of {} at {} differs: {+} in source {+}, {+} in source {+}; the longer access counts',
    'het einde van {} bij {} verschilt: {+} volgens bron {+}, {+} volgens bron {+}; de langste toegang telt',
  ],
  ['none', 'geen'],
  [
    'the personal e-mail address of an active account stays: only its owner removes it',
    'het persoonlijke e-mailadres van een actief account blijft: alleen de eigenaar verwijdert het',
  ],
  [
    'the account is active: the new personal e-mail address is to be confirmed by its owner, who is told',
    'het account is actief: de eigenaar moet het nieuwe persoonlijke e-mailadres bevestigen, en krijgt daarover bericht',
  ],
  [
    'the password hash is not taken: another source speaks for this account',
    'de hash van het wachtwoord wordt niet overgenomen: een andere bron spreekt voor dit account',
  ],
  [
    'the password hash is refused, and the person chooses a password: {+}',
    'de hash van het wachtwoord wordt geweigerd, en de persoon kiest een wachtwoord: {+}',
  ],
  ['{} has no salt', '{} heeft geen salt'],
  ['{} is MD5', '{} is MD5'],
  ['it is an NT hash or MD5 without a salt', 'het is een NT-hash of MD5 zonder salt'],
  ['it is a DES crypt', 'het is DES-crypt'],
  ['it is MD5 crypt ($1$)', 'het is MD5-crypt ($1$)'],
  ['it is of a scheme that is not known here: {}', 'het is een soort hash die hier niet bekend is: {}'],
  [
    'the second step is not taken: {+}; the person sets one up',
    'de tweede stap wordt niet overgenomen: {+}; de persoon stelt er zelf een in',
  ],
  [
    'the account is active already, and only its owner changes how to sign in',
    'het account is al actief, en alleen de eigenaar verandert hoe het zich aanmeldt',
  ],
  ['no password is taken with it', 'er wordt geen wachtwoord mee overgenomen'],
  ['it is of a code that counts uses (hotp)', 'ze hoort bij een code die gebruiken telt (hotp)'],
];

/** What `must be …` of a claim goes on with; after every other sentence that begins so. */
const expected: Sentences = [
  ['a text', 'een tekst'],
  ['a web address', 'een webadres'],
  ['true or false', 'true of false'],
  ['YYYY-MM-DD', 'JJJJ-MM-DD'],
  ['a time zone such as Europe/Brussels', 'een tijdzone zoals Europe/Brussels'],
  ['a language tag such as nl-BE', 'een taalcode zoals nl-BE'],
  ['must be {+}', 'moet {+} zijn'],
];

// what begins with any text comes last
const table = [cells, days, values, credentials, records, files, notes, expected, owners].flat();
const isOpen = ([from]: readonly [string, string]) => from.startsWith('{');
export default [...table.filter((each) => !isOpen(each)), ...table.filter(isOpen)] satisfies Sentences;
