import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

import { makeFonts } from './page-font.js';

/** What a browser may load before it shows anything, in bytes as gzip packs them. */
const maxFirstLoad = 150 * 1_024;

const gateway = process.env['PULSER_URL'] ?? 'http://127.0.0.1:8000';

const otherLanguages =
  /[\\/](?:react-aria|react-stately|react-aria-components)[\\/].*[\\/](?!en-US)[a-z]{2}-[A-Z]{2}\.m?js$/;

/** The widgets come with their texts in 34 languages, of which the page speaks one. */
const onlyEnglish = (): Plugin => ({
  name: 'only-english',
  enforce: 'pre',
  load: (id) => (otherLanguages.test(id) ? 'export default {};' : null),
});

const packable = /\.(?:js|css|html|svg)$/;

/** Lays the packed form beside every file that gains by it: the gateway packs nothing itself. */
const packed = (): Plugin => ({
  name: 'packed',
  apply: 'build',
  writeBundle({ dir = '' }) {
    for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => packable.test(name))) {
      // The gateway writes a nonce into this one.
      if (entry === 'index.html') continue;
      const content = readFileSync(join(dir, entry));
      writeFileSync(join(dir, `${entry}.gz`), gzipSync(content, { level: 9 }));
      writeFileSync(
        join(dir, `${entry}.br`),
        brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }),
      );
    }
  },
});

/** Prints what the first load weighs, and fails when it is too much: entry, what it imports, their styles and fonts. */
const firstLoad = (): Plugin => ({
  name: 'first-load',
  apply: 'build',
  generateBundle(_options, bundle) {
    const names = new Set<string>();
    const add = (name: string): void => {
      const chunk = bundle[name];
      if (chunk === undefined || names.has(name)) return;
      names.add(name);
      if (chunk.type !== 'chunk') return;
      for (const css of chunk.viteMetadata?.importedCss ?? []) add(css);
      for (const imported of chunk.imports) add(imported);
    };
    for (const [name, chunk] of Object.entries(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) add(name);
    for (const name of Object.keys(bundle)) if (name.includes('inter-basic')) names.add(name);
    const sizes = [...names].map((name) => {
      const part = bundle[name];
      const content = part?.type === 'chunk' ? part.code : (part?.source ?? '');
      return {
        name,
        bytes: name.endsWith('.woff2') ? Buffer.byteLength(content) : gzipSync(content, { level: 9 }).length,
      };
    });
    const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
    const listed = sizes.map(({ name, bytes }) => `${name} ${(bytes / 1_024).toFixed(1)}`).join(', ');
    this.info(`first load ${(total / 1_024).toFixed(1)} kB of ${maxFirstLoad / 1_024}, packed: ${listed}`);
    if (total > maxFirstLoad)
      this.error(`the first load is ${total} bytes, and may be ${maxFirstLoad}: load pages lazily`);
    this.emitFile({
      type: 'asset',
      fileName: 'first-load.json',
      source: JSON.stringify({ bytes: total, limit: maxFirstLoad, files: sizes }),
    });
  },
});

const fonts = join(import.meta.dirname, 'node_modules/.fonts');
await makeFonts(fonts);

export default defineConfig({
  base: '/ui/',
  resolve: { alias: { '#fonts': fonts } },
  plugins: [onlyEnglish(), react(), firstLoad(), packed()],
  build: {
    target: 'es2023',
    // Nothing in data: URLs but what is tiny, and no polyfill that a policy would have to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    sourcemap: false,
  },
  worker: { format: 'es' },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': { target: gateway, changeOrigin: true }, '/docs': { target: gateway, changeOrigin: true } },
  },
});
