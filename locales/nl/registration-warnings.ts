/**
 * What is not as it should be in a registration that is taken all the same, in Dutch, by the English sentence (`{}`: any text,
 * `{+}`: another of these sentences, or of faults.ts). Members keep their names, which stand on the page.
 */
const ofRegistrations: [string, string][] = [
  [
    'scope: neither it nor pedel_bundle is named, so "{}" stays; name one of them',
    'scope: noch scope noch pedel_bundle staat er, dus "{}" blijft; noem een van beide',
  ],
  [
    'pedel_purpose: people are asked for more than a pseudonym and read no reason; give it in one sentence, by language ("pedel_purpose#nl")',
    'pedel_purpose: er wordt meer gevraagd dan een pseudoniem, en niemand leest waarom; zeg het in één zin, per taal ("pedel_purpose#nl")',
  ],
  [
    'it is switched off, and stays so: see pedel clients enable',
    'ze is uitgeschakeld en blijft dat: onder Beëindigen schakel je ze weer in',
  ],
  [
    'client_secret: {} no longer works, because the file gives another secret; leave it out of the file where secrets are added with pedel clients secret',
    'client_secret: {} werkt niet meer, want het bestand geeft een ander geheim; laat het uit het bestand weg als geheimen met pedel clients secret worden toegevoegd',
  ],
  ['pedel_access: nobody has the user number or sub {} yet', 'pedel_access: nog niemand heeft als nummer of sub {}'],
  [
    'jwks_uri: {+}. Until it gives keys, nothing that they sign is accepted',
    'jwks_uri: {+}. Zolang daar geen sleutels staan, wordt niets aanvaard wat ermee ondertekend is',
  ],
  [
    'logo_uri: {+}. Until a later run fetches it, letters of the name stand in its place',
    'logo_uri: {+}. Tot het later wel lukt, staan er letters van de naam in de plaats',
  ],
];

/** Why keys or a logo could not be fetched, or cannot be used. */
const ofAddresses: [string, string][] = [
  [
    'not fetched, because no other host was to be asked',
    'niet opgehaald, omdat geen andere server bevraagd mocht worden',
  ],
  [
    '{} is no public address and in no network of PEDEL_ALLOW_NETWORKS',
    '{} is geen openbaar adres en ligt niet in een netwerk van PEDEL_ALLOW_NETWORKS',
  ],
  ['{} sent more than {} bytes', '{} stuurde meer dan {} bytes'],
  ['{} answered with the unknown status {}', '{} antwoordde met de onbekende status {}'],
  ['name a picture that is an SVG or a PNG', 'geef een afbeelding die een SVG of een PNG is'],
  ['make it smaller: {} bytes are more than {}', 'maak het kleiner: {} bytes is meer dan {}'],
  ['it is cut off; export it again', 'het is afgebroken; exporteer het opnieuw'],
  ['export it at least {} pixels high; it has {}', 'exporteer het minstens {} pixels hoog; het is er {}'],
  [
    'export it at most {} pixels wide and high; it has {} by {}',
    'exporteer het hoogstens {} pixels breed en hoog; het is {} bij {}',
  ],
  ['export it without animation', 'exporteer het zonder animatie'],
  ['save it as UTF-8', 'bewaar het als UTF-8'],
  ['give its <svg> a viewBox, so that it scales', 'geef de <svg> een viewBox, zodat het meeschaalt'],
  ['remove its scripts', 'haal de scripts eruit'],
  ['remove its foreignObject', 'haal foreignObject eruit'],
  ['remove its animations', 'haal de animaties eruit'],
  ['remove its entities', 'haal de entities eruit'],
  [
    'embed what it refers to: it may refer to nothing outside of itself',
    'neem op waar het naar verwijst: het mag naar niets buiten zichzelf verwijzen',
  ],
  ['draw it with at most {} <use> elements; it has {}', 'teken het met hoogstens {} <use>-elementen; het heeft er {}'],
];

export default [...ofRegistrations, ...ofAddresses];
