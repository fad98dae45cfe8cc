/** Before all tests: certificates, and the peers that must be compiled, in a directory that goes with the run. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { makePki } from './pki.js';
import { missingTools, tool } from './tools.js';

const run = promisify(execFile);
const peers = fileURLToPath(new URL('../peers/', import.meta.url));

/** What tests learn of the set-up. A `why` is the reason for a peer that cannot be run. */
export interface Prepared {
  readonly dir: string;
  readonly pkiDir: string;
  readonly go: { readonly path: string; readonly why: string | null };
  readonly java: { readonly path: string; readonly why: string | null };
  readonly mbedtls: { readonly path: string; readonly why: string | null };
  readonly wolfssl: { readonly path: string; readonly why: string | null };
}

declare module 'vitest' {
  interface ProvidedContext {
    prepared: Prepared;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const dir = mkdtempSync(join(tmpdir(), 'akushu-interop-'));
  const pkiDir = join(dir, 'pki');
  mkdirSync(pkiDir);
  await makePki(pkiDir);
  const [go, java, mbedtls, wolfssl] = await Promise.all([
    buildGo(dir),
    buildJava(dir),
    buildC(dir, 'mbedtls', ['-lmbedtls', '-lmbedx509', '-lmbedcrypto']),
    buildC(dir, 'wolfssl', ['-lwolfssl']),
  ]);
  project.provide('prepared', { dir, pkiDir, go, java, mbedtls, wolfssl });
  return () => rmSync(dir, { recursive: true, force: true });
}

async function buildGo(dir: string): Promise<Prepared['go']> {
  const path = join(dir, 'go-peer');
  const why = missingTools('go');
  if (why) return { path, why };
  try {
    await run(tool('go'), ['build', '-o', path, '.'], {
      cwd: join(peers, 'go'),
      env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' },
    });
    return { path, why: null };
  } catch (error) {
    return { path, why: `go build failed: ${String(error).slice(0, 500)}` };
  }
}

async function buildJava(dir: string): Promise<Prepared['java']> {
  const path = join(dir, 'java');
  const why = missingTools('java', 'javac');
  if (why) return { path, why };
  try {
    await run(tool('javac'), ['-d', path, join(peers, 'Peer.java')]);
    return { path, why: null };
  } catch (error) {
    return { path, why: `javac failed: ${String(error).slice(0, 500)}` };
  }
}

async function buildC(dir: string, name: string, libraries: readonly string[]): Promise<Prepared['mbedtls']> {
  const path = join(dir, `${name}-peer`);
  const why = missingTools('cc');
  if (why) return { path, why };
  try {
    await run(tool('cc'), ['-O1', '-o', path, 'peer.c', `${name}.c`, ...libraries], {
      cwd: join(peers, 'c'),
    });
    return { path, why: null };
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error);
    const absent = said.match(/fatal error: (\S+): No such file/);
    return { path, why: absent ? `not installed: ${absent[1]}` : `cc failed: ${said.slice(0, 300)}` };
  }
}
