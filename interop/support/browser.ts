/** Headless Chromium: where it is, and how to start it so that it talks to nobody but us. */
import { findTool } from './tools.js';

export function findBrowser(): string | null {
  return findTool('chromium') ?? findTool('chromium-browser') ?? findTool('google-chrome');
}

/** `profile` is a new, empty directory. */
export function browserArguments(profile: string): string[] {
  return [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
    '--virtual-time-budget=20000',
    `--user-data-dir=${profile}`,
  ];
}
