/** One build of all islands into hashed files that the server finds through manifest.json. */
import { defineConfig } from 'vite';

const ISLANDS = ['page', 'form', 'diagram', 'modeler'];

export default defineConfig({
  base: './',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: '../api/static/web',
    emptyOutDir: true,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    target: ['chrome123', 'firefox121', 'safari17.5'],
    chunkSizeWarningLimit: 2000,
    rollupOptions: {
      input: Object.fromEntries(ISLANDS.map((name) => [name, `src/${name}/index.js`])),
    },
  },
});
