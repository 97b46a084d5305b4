/**
 * Serves style sheets, scripts and logos under URLs with a hash of the content, so that browsers cache them for ever.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type Koa from 'koa';
import { type Brands, picturesOf } from './face.ts';

export type Assets = {
  /** The URL path of `pedel.css`, `of-vives-logo` …; undefined for an unknown name. */
  path(name: string): string | undefined;
  /** Answers GET and HEAD for those paths. */
  middleware: Koa.Middleware;
};

type Encoding = 'br' | 'gzip';
export type Asset = { type: string; body: Buffer; encoded(encoding: Encoding): Promise<Buffer> };

const types: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

/**
 * Reads every asset once, in the composition.
 * @throws Error with the path if a logo cannot be read; TypeError if it is neither .svg nor .png
 */
export function createAssets(brands: Brands): Assets {
  const require = createRequire(import.meta.url);
  const own = (name: string) => fileURLToPath(new URL(`../../views/assets/${name}`, import.meta.url));
  const files: [name: string, file: string][] = [
    [
      'webauthn.js',
      require.resolve('@simplewebauthn/browser').replace(/script.index\.js$/, 'dist/bundle/index.umd.min.js'),
    ],
    ...['pedel.css', 'account.css', 'console.css', 'page.js', 'passkey.js', 'favicon.svg'].map(
      (name): [string, string] => [name, own(name)],
    ),
    ...picturesOf(brands),
  ];
  const paths = new Map<string, string>();
  const byPath = new Map<string, Asset>();
  /** The same assets, with `*` in place of the hash. */
  const byName = new Map<string, Asset>();
  for (const [name, file] of files) {
    const read = readFileSync(file);
    const body = name === 'pedel.css' ? Buffer.from(styleSheet(read.toString())) : read;
    const extension = extname(file);
    const type = types[extension];
    if (type === undefined) throw new TypeError(`${file}: a logo is an .svg or a .png`);
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16);
    const path = `/assets/${name.replace(extension, '')}.${hash}${extension}`;
    paths.set(name, path);
    const asset = assetOf(type, body);
    byPath.set(path, asset);
    byName.set(path.replace(HASH, '.*.'), asset);
  }
  return {
    path: (name) => paths.get(name),
    middleware: async (ctx, next) => {
      const exact = byPath.get(ctx.path);
      // During a rolling upgrade, a page from one node may ask a node of another version for its style sheet. That
      // node's own version is better than none, but the browser must not cache it.
      const asset = exact ?? byName.get(ctx.path.replace(HASH, '.*.'));
      if (asset === undefined) return next();
      await answerWith(ctx, asset, { forEver: exact !== undefined });
    },
  };
}

export function assetOf(type: string, body: Buffer): Asset {
  return { type, body, encoded: encodedWhenAsked(body) };
}

/** `forEver`: the URL names this content. */
export async function answerWith(ctx: Koa.Context, asset: Asset, { forEver }: { forEver: boolean }): Promise<void> {
  ctx.set('Cache-Control', forEver ? 'public, max-age=31536000, immutable' : 'no-store');
  ctx.set('Content-Type', asset.type);
  ctx.vary('Accept-Encoding');
  // An SVG logo that is opened by itself must not run scripts that it contains.
  ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  const encoding = ctx.acceptsEncodings('br', 'gzip', 'identity');
  if (encoding === 'br' || encoding === 'gzip') {
    ctx.set('Content-Encoding', encoding);
    ctx.body = await asset.encoded(encoding);
  } else ctx.body = asset.body;
}

/** Our style sheet, without its comments, on modern-normalize, which lies in the lowest layer. */
function styleSheet(own: string): string {
  const require = createRequire(import.meta.url);
  const normalize = require.resolve('modern-normalize/modern-normalize.css');
  const rules = own.replace(/\/\*.*?\*\/\s*/gs, '');
  return `@layer normalize, tokens, base, parts, layout, forced;\n@layer normalize {\n${readFileSync(normalize, 'utf8')}}\n${rules}`;
}

const compress = {
  br: (body: Buffer) => promisify(brotliCompress)(body, quality),
  gzip: (body: Buffer) => promisify(gzip)(body),
};

/** Compresses on the first request and in the thread pool: at the start it would cost a tenth of a second. */
function encodedWhenAsked(body: Buffer): Asset['encoded'] {
  const made = new Map<Encoding, Promise<Buffer>>();
  return (encoding) => {
    const known = made.get(encoding) ?? compress[encoding](body);
    made.set(encoding, known);
    return known;
  };
}

const HASH = /\.[\w-]{16}\.(?=[a-z]+$)/;
const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
