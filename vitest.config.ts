import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string) => fileURLToPath(new URL(`./packages/akushu/src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^akushu\/crypto\/(node|portable)$/, replacement: `${source('crypto')}/$1.ts` },
      { find: /^akushu\/redis$/, replacement: source('session/redis.ts') },
      { find: /^akushu\/(node|x509|observe|diagnose)$/, replacement: `${source('')}$1/index.ts` },
      { find: /^akushu$/, replacement: source('index.ts') },
    ],
  },
  test: {
    include: [
      'scripts/**/*.test.ts',
      'examples/**/*.test.ts',
      'packages/*/src/**/*.test.ts',
      'packages/*/test/**/*.test.ts',
    ],
    testTimeout: 30_000,
  },
});
