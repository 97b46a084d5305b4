/** The fictive alumni that the portal starts with: the three people of the demo and some forty others. */

/** number, given name, family name, programme, year, city, employer, job, m(ember) and v(isible) */
type Seed = [string, string, string, string, number, string, string, string, string];

// biome-ignore format: a table of data
export const seeds: Seed[] = [
  ['q0123456', 'Sofia', 'Marchetti', 'Master of Bioscience Engineering', 2016, 'Bologna', 'Agrilab', 'onderzoekster', 'v'],
  ['q0234567', 'Jan', 'Vermeulen', 'Rechten', 1998, 'Antwerpen', 'Vermeulen & Partners', 'advocaat', 'mv'],
  ['q0345678', 'Noor', 'El Amrani', 'Verpleegkunde', 2021, 'Gent', 'AZ Coupure', 'verpleegkundige', 'v'],
  ['q0300001', 'An', 'Aerts', 'Geneeskunde', 1995, 'Leuven', 'UZ Leuven', 'cardiologe', 'mv'],
  ['q0300002', 'Karel', 'Baeten', 'Wijsbegeerte', 1987, 'Brussel', '', 'leraar op rust', 'mv'],
  ['q0300003', 'Fatima', 'Benali', 'Handelsingenieur', 2011, 'Mechelen', 'Havenbedrijf', 'projectleider', 'mv'],
  ['q0300004', 'Pieter', 'Bogaerts', 'Burgerlijk ingenieur', 2003, 'Gent', 'Staalwerk Gent', 'procesingenieur', 'mv'],
  ['q0300005', 'Liesbeth', 'Ceulemans', 'Psychologie', 2008, 'Hasselt', 'CGG Limburg', 'psychologe', 'v'],
  ['q0300006', 'Thomas', 'Claessens', 'Informatica', 2014, 'Leuven', 'Bitwise', 'ontwikkelaar', 'mv'],
  ['q0300007', 'Marie', 'Coppens', 'Architectuur', 1999, 'Antwerpen', 'Bureau Coppens', 'architecte', 'mv'],
  ['q0300008', 'Dries', 'De Backer', 'Geschiedenis', 2006, 'Brugge', 'Stadsarchief', 'archivaris', 'mv'],
  ['q0300009', 'Eva', 'De Clercq', 'Rechten', 2001, 'Brussel', 'Raad van State', 'auditeur', 'v'],
  ['q0300010', 'Hugo', 'De Smet', 'Fysica', 1979, 'Leuven', '', 'met pensioen', 'mv'],
  ['q0300011', 'Ilse', 'De Vos', 'Taal- en letterkunde', 1993, 'Kortrijk', 'Uitgeverij Rivier', 'redactrice', 'mv'],
  ['q0300012', 'Bart', 'Desmet', 'Bio-ingenieur', 2005, 'Roeselare', 'Groentehof', 'kwaliteitsmanager', ''],
  ['q0300013', 'Sara', 'Dewulf', 'Geneeskunde', 2012, 'Gent', 'Huisartsenpraktijk Sluis', 'huisarts', 'mv'],
  ['q0300014', 'Wim', 'Dierckx', 'Economie', 1990, 'Turnhout', 'Kempenbank', 'directeur', 'mv'],
  ['q0300015', 'Amira', 'El Khatib', 'Farmacie', 2017, 'Antwerpen', 'Apotheek Zuid', 'apothekeres', 'v'],
  ['q0300016', 'Geert', 'Goethals', 'Burgerlijk ingenieur', 1985, 'Leuven', 'Watermaat', 'zaakvoerder', 'mv'],
  ['q0300017', 'Lena', 'Hendrickx', 'Kunstwetenschappen', 2010, 'Leuven', 'Museum M', 'conservator', 'mv'],
  ['q0300018', 'Joris', 'Huybrechts', 'Informatica', 1996, 'Brussel', 'Noordzee Software', 'architect', 'mv'],
  ['q0300019', 'Katrien', 'Jacobs', 'Pedagogische wetenschappen', 2000, 'Aalst', 'CLB Dender', 'consulente', 'v'],
  ['q0300020', 'Luc', 'Janssens', 'Rechten', 1982, 'Hasselt', '', 'notaris', 'mv'],
  ['q0300021', 'Nele', 'Lambrechts', 'Lichamelijke opvoeding', 2007, 'Leuven', 'Sportraad', 'trainer', 'mv'],
  ['q0300022', 'Stijn', 'Maes', 'Wiskunde', 2004, 'Gent', 'Actuaris NV', 'actuaris', 'mv'],
  ['q0300023', 'Hilde', 'Mertens', 'Scheikunde', 1988, 'Mechelen', 'Verfhuis', 'laboratoriumhoofd', 'mv'],
  ['q0300024', 'Omar', 'Nasri', 'Politieke wetenschappen', 2015, 'Brussel', 'Europees Parlement', 'medewerker', 'mv'],
  ['q0300025', 'Griet', 'Nijs', 'Logopedie', 2013, 'Genk', 'Praktijk Klank', 'logopediste', ''],
  ['q0300026', 'Filip', 'Peeters', 'Handelsingenieur', 1994, 'Leuven', 'Brouwerij Dijle', 'financieel directeur', 'mv'],
  ['q0300027', 'Lien', 'Pauwels', 'Toegepaste informatica', 2019, 'Kortrijk', 'Leiedata', 'analiste', 'mv'],
  ['q0300028', 'Koen', 'Raes', 'Theologie', 1991, 'Brugge', 'Grootseminarie', 'bibliothecaris', 'mv'],
  ['q0300029', 'Yasmine', 'Saidi', 'Rechten', 2018, 'Antwerpen', 'Balie Antwerpen', 'advocate', 'mv'],
  ['q0300030', 'Peter', 'Segers', 'Geografie', 2002, 'Leuven', 'Kaartenmakers', 'cartograaf', 'v'],
  ['q0300031', 'Ruth', 'Stevens', 'Geneeskunde', 1984, 'Oostende', '', 'chirurge op rust', 'mv'],
  ['q0300032', 'Jeroen', 'Thijs', 'Sociologie', 2009, 'Brussel', 'Studiedienst', 'onderzoeker', 'mv'],
  ['q0300033', 'Lieve', 'Van Acker', 'Verpleegkunde', 1997, 'Kortrijk', 'AZ Leie', 'hoofdverpleegkundige', 'mv'],
  ['q0300034', 'Mathias', 'Van Damme', 'Burgerlijk ingenieur', 2016, 'Leuven', 'Imagine Chips', 'ontwerper', 'mv'],
  ['q0300035', 'Inge', 'Vandenberghe', 'Taal- en letterkunde', 1986, 'Gent', 'Sint-Lievenscollege', 'lerares', 'mv'],
  ['q0300036', 'Tine', 'Verbeke', 'Biologie', 2020, 'Brugge', 'Zwin Natuurpark', 'gids', 'v'],
  ['q0300037', 'Rik', 'Verlinden', 'Economie', 1992, 'Antwerpen', 'Diamantbeurs', 'makelaar', ''],
  ['q0300038', 'Hannah', 'Wauters', 'Archeologie', 2014, 'Tongeren', 'Gallo-Romeins Museum', 'archeologe', 'mv'],
  ['q0300039', 'Simon', 'Willems', 'Informatica', 2021, 'Leuven', 'Bitwise', 'ontwikkelaar', 'mv'],
  ['q0300040', 'Greet', 'Wouters', 'Farmacie', 1989, 'Lier', 'Apotheek Nete', 'apothekeres', 'mv'],
];

/** Addresses that the faculties gave with the number, for people who now sign in with another one. */
export const knownAddresses: Record<string, string> = { q0345678: 'noor.elamrani@vives.be' };
