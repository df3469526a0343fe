// Builds one of the two applications, the console unless ZHITONG_APP names the portal; `npm run dev` serves it with the API of a running program behind it.
import react from '@vitejs/plugin-react';
import {defineConfig} from 'vite';

const program = process.env['ZHITONG_API'] ?? 'http://localhost:8080', app = process.env['ZHITONG_APP'] ?? 'console';
const behind = Object.fromEntries(['/v1', '/sign-in', '/sign-out', '/account', '/checkout', '/docs'].map(path => [path, {target: program, changeOrigin: false}]));

export default defineConfig({
  root: `${import.meta.dirname}/${app}`,
  base: `/${app}/`,
  plugins: [react()],
  server: {port: 5173, proxy: behind},
  css: {modules: {generateScopedName: '[name]_[local]_[hash:5]'}},
  build: {
    outDir: `${import.meta.dirname}/../dist/app/${app}`,
    emptyOutDir: true,
    manifest: 'manifest.json',
    target: ['chrome108', 'safari16', 'firefox115'],
    assetsInlineLimit: 0,
    modulePreload: {polyfill: false},
    sourcemap: false,
    chunkSizeWarningLimit: 1000,
  },
});
