// What the tests need of the machine besides Node, and whether it is here. Read by the tests and by the closing reporter.
const { existsSync } = require('node:fs');
const { delimiter, join, resolve } = require('node:path');

const onPath = (name) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));

/**
 * Path of a Chromium, or undefined. PEDEL_TEST_BROWSER names one that is not on the PATH. The one without a window comes
 * first: the stories take half the time with it (test/e2e/sign-in: 51 s of processor for 90 s).
 */
const browser =
  process.env.PEDEL_TEST_BROWSER ??
  ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'].map(onPath).find(Boolean);

/**
 * A MongoDB: anyone's, by its URI in PEDEL_TEST_MONGODB (each test makes and drops a database of its own); else mongod;
 * else SecantusDB, from the PATH or the virtual environment that .ci/run makes; or undefined.
 */
function findMongodb() {
  const uri = process.env.PEDEL_TEST_MONGODB;
  if (uri) return { uri };
  const mongod = onPath('mongod');
  if (mongod !== undefined) return { kind: 'mongod', command: mongod };
  const own = resolve(__dirname, '../../.venv-mongodb/bin/secantusd-py');
  const secantus = onPath('secantusd-py') ?? (existsSync(own) ? own : undefined);
  return secantus === undefined ? undefined : { kind: 'secantus', command: secantus };
}

/**
 * A MongoDB that is quick enough for many rounds of each race: the one above, unless that is SecantusDB; else
 * mongo-java-server in memory, which .ci/run fetches and a JDK runs (memory-mongodb/MemoryMongodb.java); or undefined.
 */
function findQuickMongodb(mongodb) {
  if (mongodb !== undefined && mongodb.kind !== 'secantus') return mongodb;
  const jars = resolve(__dirname, '../../.memory-mongodb');
  const command = onPath('java');
  const complete = command !== undefined && onPath('javac') !== undefined && existsSync(jars);
  return complete ? { kind: 'memory', command, jars } : undefined;
}

/**
 * Apache with mod_auth_openidc, a relying party of others', and libfaketime, which lets it and Pedel live through hours in
 * seconds (Debian: apache2 libapache2-mod-auth-openidc faketime); or undefined.
 */
function findApache() {
  const command = onPath('apache2') ?? ['/usr/sbin/apache2'].find((file) => existsSync(file));
  const modules = '/usr/lib/apache2/modules';
  const faketime = ['x86_64', 'aarch64']
    .map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`)
    .find((file) => existsSync(file));
  const complete = command !== undefined && faketime !== undefined && existsSync(`${modules}/mod_auth_openidc.so`);
  return complete ? { command, modules, faketime } : undefined;
}

/** Applications of others that test/applications runs: those that its install script fetches, and Dovecot; each path or undefined. */
function findApplications() {
  const fetched = (file) => [resolve(__dirname, '../../.applications', file)].find((path) => existsSync(path));
  const jupyterhub = fetched('python/bin/jupyterhub');
  const [java, php, satosa, spring] = [onPath('java'), onPath('php'), fetched('satosa/bin/python'), fetched('spring')];
  const jupyterhubProxy = fetched('npm/node_modules/.bin/configurable-http-proxy');
  return {
    oauth2Proxy: fetched('bin/oauth2-proxy'),
    verifier: fetched('bin/verifier'),
    device: fetched('bin/device'),
    schemathesis: fetched('schemathesis/bin/schemathesis'),
    scimSanity: fetched('scim/bin/scim-sanity'),
    scim2: fetched('scim/bin/scim2'),
    authlib: fetched('python/bin/flask') && fetched('python/bin/python'),
    jupyterhub: jupyterhub && jupyterhubProxy && { command: jupyterhub, proxy: jupyterhubProxy },
    dovecot: existsSync('/usr/lib/dovecot/imap') ? program('dovecot') : undefined,
    roundcube:
      php && existsSync('/var/lib/roundcube/public_html')
        ? { php, pages: '/var/lib/roundcube/public_html' }
        : undefined,
    satosa: satosa && onPath('xmlsec1') && { python: satosa },
    spring: java && spring && { java, classpath: `${spring}/lib/*:${spring}/classes` },
  };
}

/** A server or tool of the system's own: on the PATH, or where Debian keeps what only root calls. */
const program = (name) => onPath(name) ?? [`/usr/sbin/${name}`].find((file) => existsSync(file));

/** OpenLDAP: its server, its own tools and schemas, and ldapsearch (Debian: slapd ldap-utils); or undefined. */
function findOpenldap() {
  const [slapd, slapadd, schemas] = [program('slapd'), program('slapadd'), '/etc/ldap/schema'];
  const complete = slapd && slapadd && onPath('ldapsearch') && existsSync(`${schemas}/inetorgperson.schema`);
  return complete ? { slapd, slapadd, schemas } : undefined;
}

const mongodb = findMongodb();

module.exports = {
  browser,
  mongodb,
  quickMongodb: findQuickMongodb(mongodb),
  apache: findApache(),
  applications: findApplications(),
  /** what the documents' shell lines call besides Pedel */
  shell: ['openssl', 'curl'].every(program),
  nginx: program('nginx'),
  haproxy: program('haproxy'),
  openldap: findOpenldap(),
  systemdAnalyze: program('systemd-analyze'),
  php: program('php'),
  ruby: program('ruby'),
};
