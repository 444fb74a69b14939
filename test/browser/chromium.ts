// A page in a headless Chromium: starts it with an empty profile, loads one address, and hands back what the document
// looks like when its scripts are done.

import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const limitMs = 90_000;

/** Where a Chromium is, or null. */
export function findChromium(): string | null {
  for (const dir of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(dir, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not this one.
      }
    }
  }
  return null;
}

/** The document at `url` as HTML, after its timers and promises had `budgetMs` of the page's own time. */
export async function dumpDom(chromium: string, url: string, budgetMs: number): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), 'lowerdev-chromium-'));
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--user-data-dir=${profile}`,
    `--virtual-time-budget=${budgetMs}`,
    '--dump-dom',
    url,
  ];
  const child = spawn(chromium, flags, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let html = '';
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    html += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4000);
  });
  const timer = setTimeout(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, limitMs);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    if (code !== 0) throw new Error(`${chromium} ended with ${code}:\n${complaints}`);
    return html;
  } finally {
    clearTimeout(timer);
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
