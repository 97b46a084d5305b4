type Named = { uri: string };
type Started<Kind> = { uri?: undefined; kind: Kind; command: string };
declare const needs: {
  browser: string | undefined;
  mongodb: Named | Started<'mongod' | 'secantus'> | undefined;
  quickMongodb: Named | Started<'mongod'> | (Started<'memory'> & { jars: string }) | undefined;
  apache: { command: string; modules: string; faketime: string } | undefined;
  applications: {
    oauth2Proxy: string | undefined;
    verifier: string | undefined;
    device: string | undefined;
    schemathesis: string | undefined;
    scimSanity: string | undefined;
    scim2: string | undefined;
    authlib: string | undefined;
    jupyterhub: { command: string; proxy: string } | undefined;
    dovecot: string | undefined;
    roundcube: { php: string; pages: string } | undefined;
    satosa: { python: string } | undefined;
    spring: { java: string; classpath: string } | undefined;
  };
  shell: boolean;
  nginx: string | undefined;
  haproxy: string | undefined;
  systemdAnalyze: string | undefined;
  php: string | undefined;
  ruby: string | undefined;
};
export = needs;
