// sleep: lets virtual time pass. GNU coreutils 9.1.

import { wordTable } from '../../../base/word-table.ts';
import type { Command } from '../../process.ts';

const units = wordTable<number>({ '': 1, s: 1, m: 60, h: 3600, d: 86400 });
/** Long enough to count as for ever; the run ends first, with "no progress". */
const foreverNs = 40 * 86_400e9;

/** Seconds as sleep and timeout read them, in ns; null when it is no duration. */
export function durationNs(text: string): number | null {
  if (/^\+?inf(?:inity)?$/i.test(text)) return foreverNs;
  const match = /^\+?(\d+\.?\d*(?:e[-+]?\d+)?|\.\d+)([smhd]?)$/i.exec(text);
  return match === null ? null : Math.min(foreverNs, Math.round(Number(match[1]) * units[match[2]] * 1e9));
}

export const sleep: Command = {
  name: 'sleep',
  summary: 'let virtual time pass',
  async run(proc) {
    const args = proc.argv[0] === '--' ? proc.argv.slice(1) : proc.argv;
    if (args.length === 0) {
      proc.err("sleep: missing operand\nTry 'sleep --help' for more information.\n");
      return 1;
    }
    let totalNs = 0;
    let bad = false;
    for (const arg of args) {
      const ns = durationNs(arg);
      if (ns === null) proc.err(`sleep: invalid time interval ‘${arg}’\n`);
      bad ||= ns === null;
      totalNs += ns ?? 0;
    }
    if (bad) {
      proc.err("Try 'sleep --help' for more information.\n");
      return 1;
    }
    await proc.sleep(totalNs);
    return 0;
  },
};
