/** A Set-Cookie header as a browser reads it (RFC 6265, 5.2), whatever the order and spelling of its attributes. */
export function readSetCookie(line: string) {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim());
  const attributes = new Map(
    rest.map((part) => {
      const [name = '', value = ''] = part.split(/=(.*)/s);
      return [name.toLowerCase(), value] as const;
    }),
  );
  const maxAge = attributes.get('max-age');
  const expires = attributes.get('expires');
  const seconds = maxAge !== undefined ? Number(maxAge) : expires && (Date.parse(expires) - Date.now()) / 1000;
  return {
    name: pair.slice(0, pair.indexOf('=')),
    value: pair.slice(pair.indexOf('=') + 1),
    path: attributes.get('path'),
    domain: attributes.get('domain'),
    sameSite: attributes.get('samesite')?.toLowerCase(),
    httpOnly: attributes.has('httponly'),
    secure: attributes.has('secure'),
    /** how long from now; undefined: as long as the browser runs */
    seconds,
  };
}
