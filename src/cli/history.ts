// The shell's history: a file in the user's state folder. LOWERDEV_NO_HISTORY leaves it alone. Newest first in memory,
// newest last in the file, as bash keeps it. Nothing here may stop the shell.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

const most = 1000;

function historyFile(): string | null {
  if (process.env['LOWERDEV_NO_HISTORY']) return null;
  const state = process.env['XDG_STATE_HOME'];
  if (state) return join(state, 'lowerdev/history');
  try {
    return join(homedir(), '.local/state/lowerdev/history');
  } catch {
    return null; // no $HOME, and a user whom nobody has written down, as in containers
  }
}

export function loadHistory(): string[] {
  const file = historyFile();
  if (file === null) return [];
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .slice(-most)
      .reverse();
  } catch {
    return [];
  }
}

export function saveHistory(lines: readonly string[]): void {
  const file = historyFile();
  if (file === null || lines.length === 0) return;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, `${[...lines].slice(0, most).reverse().join('\n')}\n`, { mode: 0o600 });
  } catch {
    // A read-only home: the history is lost, the work is not.
  }
}
