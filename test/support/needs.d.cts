declare const needs: {
  browser: string | undefined;
  mongodb: { uri: string } | { uri?: undefined; kind: 'mongod' | 'secantus'; command: string } | undefined;
  apache: { command: string; modules: string; faketime: string } | undefined;
};
export = needs;
