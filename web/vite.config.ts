/** Bundles the page. Views and the structure editor are loaded when they are opened. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy knows files alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The editor is one large file by itself.
    chunkSizeWarningLimit: 3000,
  },
});
