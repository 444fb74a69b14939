// The value of a variable that changes by itself ($RANDOM, $SECONDS, ...). syntax.ts puts a call of this in its place.

import type { Shell } from '../shell.ts';

export async function liveVariable(shell: Shell, args: string[]): Promise<number> {
  shell.out(liveValue(shell, args[0] ?? ''));
  return 0;
}

function liveValue(shell: Shell, name: string): string {
  const { os, random } = shell.computer;
  const wallNs = os.wallNs();
  const seconds = Math.floor(wallNs / 1e9);
  switch (name) {
    case 'RANDOM':
      return String(random.below(32768));
    case 'SRANDOM':
      return String(random.u32());
    case 'SECONDS':
      return String(Math.floor((os.nowNs() - shell.secondsFromNs) / 1e9));
    case 'EPOCHSECONDS':
      return String(seconds);
    case 'EPOCHREALTIME':
      return `${seconds}.${String(Math.floor((os.nowNs() % 1e9) / 1e3)).padStart(6, '0')}`;
    case 'BASHPID':
      // This runs in a substitution: the asking process is the one above.
      return String(shell.process.parent?.pid ?? shell.process.pid);
    default:
      return '';
  }
}
