/** The name of a storage, for people and logs. */

/** The URI without user name, password and options. */
export function nameOfStorage(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/)(?:.*@)?([^?]*).*$/s, '$1$2');
}
