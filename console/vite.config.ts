import { defineConfig } from 'vite';

/** `npm run build:console`: the files that the hub serves below `/console/`, wherever that is. */
export default defineConfig({
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [{ find: /^#gen\/(.*)\.js$/, replacement: `${import.meta.dirname}/../proto/gen/$1.ts` }],
  },
  build: {
    target: 'es2023',
    // The policy of the page takes no `data:` addresses and no script inside the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
