import { defineConfig } from 'vitest/config';

/** Runs against real peers, on the built packages: what users get. `AKUSHU_FULL=1` adds the full cross product. */
export default defineConfig({
  test: {
    include: ['interop/**/*.test.ts'],
    globalSetup: ['interop/support/setup.ts'],
    reporters: ['default', 'interop/support/matrix-reporter.ts'],
    server: { deps: { external: [/packages\/akushu\/dist/] } },
    maxWorkers: 2,
    testTimeout: 40_000,
    hookTimeout: 120_000,
  },
});
