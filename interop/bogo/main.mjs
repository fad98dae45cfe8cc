/** The shim behind the shell script: reads the flags, runs the connections, ends with the runner's exit codes. */
import { parseFlags, Unimplemented } from './flags.mjs';

const EXIT_FAILED = 1;
const EXIT_UNIMPLEMENTED = 89;

async function runAll({ initial, resume, retry }) {
  // Only now: most tests that are out of scope end before.
  const { runExchange } = await import('./exchange.mjs');
  const { MemoryStore, nodeProvider, SelfEncryptedTickets, StoredSessions } = await import('./engine.mjs');
  const keeper = new SelfEncryptedTickets(nodeProvider);
  const shared = {
    session: null,
    peerScheme: undefined,
    clock: Date.now(),
    tickets: keeper,
  };
  const store = new MemoryStore({ now: () => shared.clock });
  shared.sessionIds = new StoredSessions({ provider: nodeProvider, store, keeper });
  for (let i = 0; i <= (initial['resume-count'] ?? 0); i++) {
    const settings = i === 0 ? initial : resume;
    if (i > 0 && !settings.server && !shared.session) return ['there is no session to offer'];
    const complaints = await runExchange(settings, retry, i > 0, shared);
    if (complaints.length > 0) return [`connection ${i + 1}`, ...complaints];
    shared.clock += (settings['resumption-delay'] ?? 0) * 1000;
  }
  return [];
}

try {
  const complaints = await runAll(parseFlags(process.argv.slice(2)));
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  process.exitCode = complaints.length > 0 ? EXIT_FAILED : 0;
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = error instanceof Unimplemented ? EXIT_UNIMPLEMENTED : EXIT_FAILED;
}
