/** Passwords for key stores and encrypted keys: from a file, or asked for on the terminal without showing them. */
import { readInput } from './input.js';
import type { Environs } from './output.js';

export interface Passwords {
  /** Null where there is none to be had, or nobody wants to give one. `file` is what it is for. */
  readonly ask: (file: string) => Promise<string | null>;
  /** Whether a wrong one may be asked for again. */
  readonly interactive: boolean;
}

const MAX_PASSWORD_FILE = 4096;

/** The first line of the file. Throws InputError. */
export function passwordFromFile(path: string): string {
  const text = new TextDecoder().decode(readInput(path, MAX_PASSWORD_FILE));
  return text.replace(/^\ufeff/, '').split(/\r?\n/, 1)[0]!;
}

type Terminal = Environs['stdin'] & { setRawMode?: (raw: boolean) => void };

/** `given` serves every file; without it each is asked for, where stdin is a terminal. */
export function passwords(
  given: string | undefined,
  environs: Environs,
  prompt: (file: string) => string,
): Passwords {
  if (given !== undefined) return { ask: async () => given, interactive: false };
  const terminal: Terminal = environs.stdin;
  if (!terminal.isTTY || !terminal.setRawMode) return { ask: async () => null, interactive: false };
  return { ask: (file) => askOn(terminal, environs, prompt(file)), interactive: true };
}

/** Ctrl-C, Ctrl-D and Enter alone give null. */
function askOn(terminal: Terminal, { stderr }: Environs, prompt: string): Promise<string | null> {
  stderr.write(prompt);
  terminal.setRawMode?.(true);
  return new Promise((resolve) => {
    let typed = '';
    const finish = (password: string | null): void => {
      terminal.off('data', read);
      terminal.off('end', givenUp);
      terminal.setRawMode?.(false);
      terminal.pause();
      stderr.write('\n');
      resolve(password);
    };
    const givenUp = (): void => finish(null);
    const read = (chunk: Uint8Array | string): void => {
      const text = typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk);
      for (const character of text) {
        const isEnd = '\r\n\u0003\u0004'.includes(character);
        if (isEnd) {
          finish('\r\n'.includes(character) && typed !== '' ? typed : null);
          return;
        }
        if (character === '\u007f' || character === '\b') typed = [...typed].slice(0, -1).join('');
        else if (character >= ' ') typed += character;
      }
    };
    terminal.on('data', read);
    terminal.once('end', givenUp);
    terminal.resume();
  });
}
