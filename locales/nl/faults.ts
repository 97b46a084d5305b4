/**
 * What is wrong with a member of a registration, in Dutch, by the English sentence (`{}`: any text, which stays as it is; `{+}`: another of these sentences).
 * Names and values of the standards are written on the other side as well, so they stay. See ../faults.ts.
 */

/** What a member takes; the sentence is “geef …”. */
const accepted: [string, string][] = [
  [
    '1 to 200 ASCII letters, digits and signs without spaces, other than "pedel"',
    '1 tot 200 ASCII-letters, cijfers en tekens zonder spaties, niet "pedel"',
  ],
  [
    'at least 32 random ASCII characters, or leave it out and one is made',
    'minstens 32 willekeurige ASCII-tekens, of laat het weg en Pedel maakt er een',
  ],
  ['a text of at most {} characters', 'een tekst van hoogstens {} tekens'],
  ['an https address (http only for localhost)', 'een https-adres (http alleen voor localhost)'],
  ['an https address', 'een https-adres'],
  ['a list of e-mail addresses', 'een lijst van e-mailadressen'],
  ['a list of addresses, each in full', 'een lijst van volledige adressen'],
  ['a list out of {}, at least one', 'een lijst met minstens een van {}'],
  ['a list out of {}', 'een lijst uit {}'],
  ['one of {}', 'een van {}'],
  ['words out of {}, with one space between them', 'woorden uit {}, telkens met één spatie ertussen'],
  ['{ "keys": [ … ] } with public keys (RFC 7517)', '{ "keys": [ … ] } met publieke sleutels (RFC 7517)'],
  ['true or false', 'true of false'],
  ['a whole number of seconds, {} to {}', 'een geheel aantal seconden, van {} tot {}'],
  [
    '"none", "all" or a list of personal claims such as ["preferred_username", "email"]',
    '"none", "all" of een lijst van persoonlijke gegevens zoals ["preferred_username", "email"]',
  ],
  [
    'a host such as "library.example.edu", or the value of another application',
    'een host zoals "library.example.edu", of de waarde van een andere toepassing',
  ],
  ['one sentence of at most 300 characters', 'één zin van hoogstens 300 tekens'],
  ['a list of { "claim", "value", "when" }', 'een lijst van { "claim", "value", "when" }'],
  ['an object of new names with the claims that they get', 'een object met nieuwe namen en de gegevens die ze krijgen'],
  ['the id of an organisation, as configured', 'de id van een organisatie, zoals in de configuratie'],
  ['a list of client_ids', 'een lijst van client-ID’s'],
  ['"fapi2"', '"fapi2"'],
  [
    'a list of origins such as https://app.example.edu, without a path',
    'een lijst van origins zoals https://app.example.edu, zonder pad',
  ],
  [
    '"everybody", or an object with lists of affiliations, organisations, groups or people; one of them suffices',
    '"everybody", of een object met lijsten van affiliations, organisations, groups of people; één ervan volstaat',
  ],
  [
    'a day (2027-06-30, which counts as a whole) or a moment with an offset (2027-06-30T12:00:00Z), of the years 2000 to 2199',
    'een dag (2027-06-30, die helemaal meetelt) of een tijdstip met tijdzone (2027-06-30T12:00:00Z), in de jaren 2000 tot 2199',
  ],
  ['a list of { "identifier": URI, "scopes": {} }', 'een lijst van { "identifier": URI, "scopes": {} }'],
  [
    'an object: identifier of a resource server -> list of its scopes',
    'een object: identifier van een resource server -> lijst van haar scopes',
  ],
  [
    'a list of { "from": client_id, "resource": identifier of a resource server, "scopes": [ … ] }',
    'een lijst van { "from": client_id, "resource": identifier van een resource server, "scopes": [ … ] }',
  ],
  ['a list of texts, each as the application sends it', 'een lijst van teksten, telkens zoals de toepassing ze stuurt'],
  [
    'a name of at most 100 letters, digits and . _ / : @ -, such as "campus/clients.json"',
    'een naam van hoogstens 100 letters, cijfers en . _ / : @ -, zoals "campus/clients.json"',
  ],
  ['the id of a source of the configuration, such as "sap"', 'de id van een bron uit de configuratie, zoals "sap"'],
];

const ofOneMember: [string, string][] = [
  ['choose another: "{}" stands for Pedel\'s own pages', 'kies een andere: "{}" staat voor de pagina’s van Pedel zelf'],
  [
    'use 1 to 200 ASCII letters, digits and signs without spaces; or leave it out',
    'gebruik 1 tot 200 ASCII-letters, cijfers en tekens zonder spaties, of laat het weg',
  ],
  [
    'remove the secret: whoever sees this application reads its notes, and they stay in its history',
    'haal het geheim weg: wie deze toepassing ziet, leest haar notities, en ze blijven in haar geschiedenis',
  ],
  ['remove the characters that cannot be seen', 'haal de onzichtbare tekens weg'],
  [
    'put one space between two scopes, and none at the ends',
    'zet tussen twee scopes één spatie, en geen vooraan of achteraan',
  ],
  ['remove {}: there is no such scope', 'haal {} weg: zo’n scope bestaat niet'],
  [
    'remove the symmetric key (oct): only public keys belong here',
    'haal de symmetrische sleutel (oct) weg: hier horen alleen publieke sleutels',
  ],
  [
    'give whole public keys: one of type {} lacks {}',
    'geef volledige publieke sleutels: aan een van type {} ontbreekt {}',
  ],
  ['remove the user and password before the @', 'haal de gebruiker en het wachtwoord voor de @ weg'],
  [
    'write it in full, without spaces and backslashes: https://app.example.edu/back',
    'schrijf het voluit, zonder spaties en backslashes: https://app.example.edu/back',
  ],
  [
    'give an absolute URI, such as https://api.library.example.edu',
    'geef een volledige URI, zoals https://api.library.example.edu',
  ],
  [
    'name somebody, or give "everybody"; pedel_valid_until closes an application',
    'noem iemand, of geef "everybody"; pedel_valid_until sluit een toepassing',
  ],
  ['remove {}: the lists are {}', 'haal {} weg: de lijsten zijn {}'],
  ['give a list of {}, or leave {} out', 'geef een lijst {}, of laat {} weg'],
  ['name at most {} {}; more are a group', 'noem er hoogstens {} in {}; meer is een groep'],
  ['name at most {} resource servers', 'noem hoogstens {} resource servers'],
  ['name at most {} {}', 'noem er hoogstens {} in {}'],
  ['give texts of at most {} characters', 'geef teksten van hoogstens {} tekens'],
  ['remove {}: a rule has claim, value and when', 'haal {} weg: een regel heeft claim, value en when'],
  [
    'derive {}, or a name of your own such as pedel_library; no standard claim can be',
    'leid {} af, of een eigen naam zoals pedel_library; standaardgegevens kunnen niet',
  ],
  [
    'choose another name than "{}": {}, or one of the application\'s own; no standard claim can be filled otherwise',
    'kies een andere naam dan "{}": {}, of een eigen naam van de toepassing; standaardgegevens zijn niet anders te vullen',
  ],
  ['give a text', 'geef een tekst'],
  ['give 1 to {} terms, such as ["staff@kuleuven"]', 'geef 1 tot {} termen, zoals ["staff@kuleuven"]'],
  [
    'give a role ("staff"), a role at an organisation ("staff@kuleuven"), "@kuleuven", "group:ict-staff" or "group:ict-staff@kuleuven"',
    'geef een rol ("staff"), een rol bij een organisatie ("staff@kuleuven"), "@kuleuven", "group:ict-staff" of "group:ict-staff@kuleuven"',
  ],
  [
    'give a role that exists: {}; a group is written "group:{}"',
    'geef een rol die bestaat: {}; een groep schrijf je als "group:{}"',
  ],
  ['give at most {} names', 'geef hoogstens {} namen'],
  ['give at most {} rules', 'geef hoogstens {} regels'],
  ['leave it out: it is part of an answer', 'laat het weg: het is deel van een antwoord'],
  ['remove it, or correct the spelling: it is not known', 'haal het weg of verbeter de spelling: het is niet bekend'],
  [
    'write JSON: texts between double quotes, and a bracket for each that was opened',
    'schrijf JSON: teksten tussen dubbele aanhalingstekens, en voor elk haakje dat opengaat een dat sluit',
  ],
];

const together: [string, string][] = [
  [
    'give a client_name or a client_id, so that the next run recognises this application',
    'geef een client_name of een client_id, zodat deze toepassing de volgende keer herkend wordt',
  ],
  [
    'give at least one (an application without sign-in: "response_types": [] and "grant_types": [])',
    'geef er minstens één (een toepassing zonder aanmelding: "response_types": [] en "grant_types": [])',
  ],
  ['give at least one', 'geef er minstens één'],
  [
    'add authorization_code, which the response types ask for, or give "response_types": [] for a device',
    'voeg authorization_code toe, dat de response types vragen, of geef "response_types": [] voor een toestel',
  ],
  [
    'add authorization_code, which the response types ask for',
    'voeg authorization_code toe, dat de response types vragen',
  ],
  [
    'remove authorization_code, or add the response type code',
    'haal authorization_code weg, of voeg het response type code toe',
  ],
  ['add implicit, which the response types ask for', 'voeg implicit toe, dat de response types vragen'],
  [
    'refresh_token needs authorization_code, or the grant type of devices, beside it',
    'refresh_token heeft authorization_code nodig, of het grant type van toestellen',
  ],
  [
    'offline_access needs "refresh_token" among the grant_types',
    'offline_access heeft "refresh_token" bij de grant_types nodig',
  ],
  ['add openid', 'voeg openid toe'],
  [
    'leave it out: with token_endpoint_auth_method {} there is none',
    'laat het weg: bij token_endpoint_auth_method {} is er geen',
  ],
  ['choose one without +, % and colon: {+}', 'kies er een zonder +, % en dubbelepunt: {+}'],
  ['choose one without + and %: {+}', 'kies er een zonder + en %: {+}'],
  [
    'most applications send it in a Basic header without encoding it. Or give "token_endpoint_auth_method": "client_secret_post", if it is encoded or sent in the body',
    'de meeste toepassingen sturen het in een Basic-header zonder het te coderen. Of geef "token_endpoint_auth_method": "client_secret_post", als het gecodeerd of in de body gestuurd wordt',
  ],
  ['give jwks or jwks_uri, not both', 'geef jwks of jwks_uri, niet allebei'],
  [
    'give jwks or jwks_uri: its signatures must be checked',
    'geef jwks of jwks_uri: de handtekeningen moeten gecontroleerd worden',
  ],
  ['leave it out: it goes with private_key_jwt', 'laat het weg: het hoort bij private_key_jwt'],
  [
    'remove the private parts: only public keys belong here. Replace this key, because it was disclosed',
    'haal de private delen weg: hier horen alleen publieke sleutels. Vervang deze sleutel, want hij is nu bekend',
  ],
  [
    'replace the RSA key of {} bits: it is weak, and {} are the least',
    'vervang de RSA-sleutel van {} bits: hij is zwak, het moeten er minstens {} zijn',
  ],
  ['replace the RSA key of {} bits: {} are the most', 'vervang de RSA-sleutel van {} bits: {} is het meeste'],
  [
    'replace the RSA key: with its exponent anybody can sign',
    'vervang de RSA-sleutel: met deze exponent kan iedereen ondertekenen',
  ],
  [
    'give a key of type RSA, EC on the curve P-256, or OKP on the curve Ed25519: others sign nothing here',
    'geef een sleutel van het type RSA, EC op de kromme P-256, of OKP op de kromme Ed25519: met andere wordt hier niets ondertekend',
  ],
  [
    'give a key with "use": "sig", or without use: this one is not for signing',
    'geef een sleutel met "use": "sig", of zonder use: deze is niet om te ondertekenen',
  ],
  [
    'give a key whose key_ops have "verify", or without key_ops: this one is not for signing',
    'geef een sleutel met "verify" in key_ops, of zonder key_ops: deze is niet om te ondertekenen',
  ],
  ['give {} as the alg of this key, or leave alg out', 'geef {} als alg van deze sleutel, of laat alg weg'],
  [
    'give a key for {}, the one algorithm that token_endpoint_auth_signing_alg allows',
    'geef een sleutel voor {}, het enige algoritme dat token_endpoint_auth_signing_alg toelaat',
  ],
  ['give each key a kid of its own: {} is there twice', 'geef elke sleutel een eigen kid: {} staat er twee keer'],
  [
    'it leads to another address ({}); name that address instead',
    'het leidt naar een ander adres ({}); noem dat adres',
  ],
  ['the answer was {}', 'het antwoord was {}'],
  ['no answer came in time', 'er kwam geen antwoord op tijd'],
  ['the answer is no JSON', 'het antwoord is geen JSON'],
  [
    'the answer is no JWK set: { "keys": [ … ] } (RFC 7517)',
    'het antwoord is geen JWK-set: { "keys": [ … ] } (RFC 7517)',
  ],
  ['none of its keys is for signing here', 'geen van de sleutels dient hier om te ondertekenen'],
  ['give at least one key', 'geef minstens één sleutel'],
  ['give {} keys at most', 'geef hoogstens {} sleutels'],
  ['give {} characters at most', 'geef hoogstens {} tekens'],
  ['give a JWK set, a JWK, or a public key in PEM', 'geef een JWK-set, een JWK, of een publieke sleutel in PEM'],
  [
    'give the key in PEM: ssh-keygen -e -m pkcs8 -f FILE writes it',
    'geef de sleutel in PEM: ssh-keygen -e -m pkcs8 -f FILE schrijft hem',
  ],
  [
    'give the whole key, from its line BEGIN to its line END',
    'geef de hele sleutel, van de regel BEGIN tot en met de regel END',
  ],
  [
    'give a public key or a certificate that can be read',
    'geef een publieke sleutel of een certificaat dat te lezen is',
  ],
  ['give a kid of at most {} characters in one line', 'geef een kid van hoogstens {} tekens op één regel'],
  [
    'give a public key that can be read: a part of this one is missing or wrong',
    'geef een publieke sleutel die te lezen is: een deel van deze ontbreekt of klopt niet',
  ],
  ['give a whole address', 'geef een volledig adres'],
  ['remove the # and what follows it', 'haal de # weg, met wat erachter staat'],
  ['give every address in full: patterns are not possible', 'geef elk adres voluit: patronen kunnen niet'],
  [
    'give an https address, or "application_type": "native" for a scheme of its own',
    'geef een https-adres, of "application_type": "native" voor een eigen schema',
  ],
  ['give an https address (http only for localhost)', 'geef een https-adres (http alleen voor localhost)'],
  [
    'http on localhost with these response types needs "application_type": "native"',
    'http op localhost kan bij deze response types alleen met "application_type": "native"',
  ],
  [
    'localhost with these response types needs "application_type": "native"',
    'localhost kan bij deze response types alleen met "application_type": "native"',
  ],
  [
    'give localhost, 127.0.0.1 or [::1]: http is for them only',
    'geef localhost, 127.0.0.1 of [::1]: http kan alleen daar',
  ],
  ['give http for an address of this machine', 'geef http voor een adres van deze machine'],
  [
    "give a scheme of the application's own, such as edu.example.app:/callback",
    'geef een schema van de toepassing zelf, zoals edu.example.app:/callback',
  ],
  [
    'remove "{}": pedel_bundle {} has none of its claims. Or leave out pedel_bundle',
    'haal "{}" weg: pedel_bundle {} heeft er geen enkel gegeven van. Of laat pedel_bundle weg',
  ],
  [
    'leave it out: with pedel_bundle {} sub is pairwise',
    'laat het weg: bij pedel_bundle {} is sub voor elke toepassing anders',
  ],
  ['remove {}: it does not get them ({})', 'haal {} weg: dat krijgt ze niet ({})'],
  ['leave it out: it goes with "subject_type": "pairwise"', 'laat het weg: het hoort bij "subject_type": "pairwise"'],
  ['leave it out: pedel_sector takes its place', 'laat het weg: pedel_sector komt in de plaats'],
  [
    'give one that authenticates: client_credentials needs it',
    'geef er een die bewijst wie het is: client_credentials heeft dat nodig',
  ],
  [
    'name in pedel_service_resources what it may ask as itself, or remove client_credentials',
    'noem in pedel_service_resources wat ze als zichzelf mag vragen, of haal client_credentials weg',
  ],
  [
    'name a resource server, or remove client_credentials from the grant_types',
    'noem een resource server, of haal client_credentials weg bij de grant_types',
  ],
  [
    'add client_credentials to the grant_types, or leave it out',
    'voeg client_credentials toe aan de grant_types, of laat dit weg',
  ],
  ['give each an identifier and an audience of its own', 'geef elk een eigen identifier en een eigen audience'],
  [
    'give another audience: ID tokens are made out to the client_id',
    'geef een andere audience: ID-tokens staan op naam van de client_id',
  ],
  ['give token_seconds up to {}: a JWT cannot be recalled', 'geef token_seconds tot {}: een JWT is niet in te trekken'],
  ['leave token_signing_alg out: only a JWT is signed', 'laat token_signing_alg weg: alleen een JWT wordt ondertekend'],
  [
    'give one that authenticates: who introspects opaque tokens must',
    'geef er een die bewijst wie het is: wie tokens laat nakijken, moet dat',
  ],
  [
    'give one that authenticates: token exchange needs it',
    'geef er een die bewijst wie het is: tokens omwisselen vraagt dat',
  ],
  [
    'name the tokens and resources in pedel_exchanges, or remove token-exchange',
    'noem de tokens en resources in pedel_exchanges, of haal token-exchange weg',
  ],
  ['add "{}" to the grant_types, or leave it out', 'voeg "{}" toe aan de grant_types, of laat dit weg'],
  [
    'describe its API in pedel_resource_servers: only tokens that are made out to it are exchanged',
    'beschrijf haar API in pedel_resource_servers: alleen tokens op haar naam worden omgewisseld',
  ],
  ['remove it here, or from the resources that it may ask', 'haal het hier weg, of bij de resources die ze mag vragen'],
  [
    'leave token_encryption out: only a JWT is encrypted',
    'laat token_encryption weg: alleen een JWT wordt versleuteld',
  ],
  [
    'give, in jwks, a public key for {} with "use": "enc"',
    'geef in jwks een publieke sleutel voor {} met "use": "enc"',
  ],
  ['name each scope once', 'noem elke scope één keer'],
  [
    'give it another name: this scope is for what sign-ins tell of people',
    'geef ze een andere naam: deze scope gaat over wat een aanmelding over iemand vertelt',
  ],
  ['add {}: people read it at consent', 'voeg {} toe: mensen lezen het als ze toestemming geven'],
  [
    'add "{}" to the scope, with which {} is asked for and consented to',
    'voeg "{}" toe aan scope: daarmee wordt {} gevraagd en toegestaan',
  ],
  ['remove {}: pedel_derived_claims fills it already', 'haal {} weg: pedel_derived_claims vult het al'],
  [
    'derive {} in pedel_derived_claims, or give another claim',
    'leid {} af in pedel_derived_claims, of geef een ander gegeven',
  ],
  ['remove {}: pedel_bundle {} does not have {}', 'haal {} weg: pedel_bundle {} heeft {} niet'],
  ['add "{}" to the scope, which has {}, or remove {}', 'voeg "{}" toe aan scope, waar {} in zit, of haal {} weg'],
];

const ofOthers: [string, string][] = [
  [
    'leave it as it is, or ask with the scope clients:secrets: secrets change',
    'laat het zoals het is, of vraag het met de scope clients:secrets: er veranderen geheimen',
  ],
  ['use an organisation of the configuration: {}', 'gebruik een organisatie uit de configuratie: {}'],
  ['use a source of the configuration: {}', 'gebruik een bron uit de configuratie: {}'],
  [
    'use a group that a source may give{}, or add it to the groups of one in the configuration ({})',
    'gebruik een groep die een bron mag geven{}, of voeg ze in de configuratie toe aan de groepen van een bron ({})',
  ],
  [
    'leave it as it is, or ask an owner: only owners change it',
    'laat het zoals het is, of vraag het een eigenaar: alleen eigenaars wijzigen dit',
  ],
  [
    'leave it as it is, or ask an owner: you do not administer applications of the other one',
    'laat het zoals het is, of vraag het een eigenaar: toepassingen van de andere organisatie beheer je niet',
  ],
  [
    'ask an owner: only owners let services manage Pedel',
    'vraag het een eigenaar: alleen eigenaars laten diensten Pedel beheren',
  ],
  [
    'ask an owner: it is an API of another organisation',
    'vraag het een eigenaar: het is een API van een andere organisatie',
  ],
  [
    'name it in pedel_service_resources: only a service as itself asks it',
    'noem het in pedel_service_resources: alleen een dienst als zichzelf vraagt het',
  ],
  [
    'register it first, in pedel_resource_servers of the client whose API it is',
    'registreer het eerst, in pedel_resource_servers van de toepassing van wie de API is',
  ],
  [
    'no such resource server is registered; those that are: {}',
    'zo’n resource server is niet geregistreerd; wel geregistreerd: {}',
  ],
  ['the scopes of {} are: {}', 'de scopes van {} zijn: {}'],
  [
    'the application "{}" has it: choose another, or take it from that one first',
    'de toepassing "{}" heeft het: kies een andere, of haal het daar eerst weg',
  ],
  ['choose one of another host: this is our own address', 'kies er een op een andere host: dit is ons eigen adres'],
  [
    'choose another: ID tokens of the application with this id have it as audience',
    'kies een andere: ID-tokens van de toepassing met deze id hebben dit als audience',
  ],
  [
    'choose another: tokens for an API of "{}" have it as audience',
    'kies een andere: tokens voor een API van "{}" hebben dit als audience',
  ],
  [
    'no application has this client_id; pedel clients list prints them all',
    'geen toepassing heeft deze client-ID; onder Toepassingen staan ze allemaal',
  ],
  [
    'give {}, as it was. With --change-subjects it is changed, and everybody is new to the application',
    'geef {}, zoals het was. Wie het toch wil wijzigen, doet dat met pedel clients apply --change-subjects: dan is iedereen nieuw voor de toepassing',
  ],
  [
    'choose another: in tokens of a service it stands where the id of a person stands',
    'kies een andere: in tokens van een dienst staat ze waar anders de id van een persoon staat',
  ],
  ['it would be refused at use: {}', 'bij gebruik zou het geweigerd worden: {}'],
  ['{+}: pedel_profile fapi2 demands it', '{+}: pedel_profile fapi2 eist het'],
  ['give true, or leave it out', 'geef true, of laat het weg'],
  ['give private_key_jwt, or leave it out', 'geef private_key_jwt, of laat het weg'],
  ['give one of {} that is accepted here, or leave it out', 'geef een van {} die hier aanvaard wordt, of laat het weg'],
  ['give only "code"', 'geef alleen "code"'],
  ['remove {}', 'haal {} weg'],
  ['give {+}', 'geef {+}'],
];

/** The first that fits counts. */
export default [...together, ...ofOneMember, ...ofOthers, ...accepted];
