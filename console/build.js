/**
 * `npm run build:console` (and `npm ci`): builds the console into `console/dist/`. Plain JavaScript,
 * because it also runs where the development dependencies are left out; there is nothing to build with then.
 */

// Whatever the caller's shell or test runner says: a development build would carry paths of this machine.
process.env.NODE_ENV = 'production';
const vite = await import('vite').catch(() => undefined);
if (vite) await vite.build({ root: import.meta.dirname, logLevel: 'warn' });
else
  process.stdout.write(
    '控制台未构建:没有开发依赖 · console not built: no development dependencies\n',
  );
