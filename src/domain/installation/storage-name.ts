/** Names a storage for people and logs, without its secrets. */

/** The storage's URI without user name, password and options. */
export function nameOfStorage(uri: string): string {
  return uri.replace(/^(mongodb(?:\+srv)?:\/\/)(?:.*@)?([^?]*).*$/s, '$1$2');
}
