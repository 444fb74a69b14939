// lowerdev inside a script: what only the model can tell. On a terminal the same verbs take the script as their argument.

import type { Command, Proc } from '../../process.ts';
import { offloadText } from './offload-text.ts';

const USAGE = `Usage: lowerdev offload [-j|--json]
Which macvlans are carried by their NIC, since when, by which queues; and if not, why not and what to do.

lowerdev trace, lowerdev flood: as the commands trace and flood, which scripts have. Each has --help.
`;

export const lowerdev: Command = {
  name: 'lowerdev',
  summary: 'what only the model can tell: lowerdev offload',
  async run(proc) {
    const [verb, ...words] = proc.argv;
    if (verb === undefined || verb === '-h' || verb === '--help') {
      proc.out(USAGE);
      return verb === undefined ? 2 : 0;
    }
    if (verb === 'trace' || verb === 'flood') return proc.exec([verb, ...words], { stdin: proc.stdin });
    if (verb === 'offload' && words.some((w) => w === '-h' || w === '--help')) {
      proc.out(USAGE);
      return 0;
    }
    if (verb !== 'offload')
      return refuse(proc, `there is no '${verb}' inside a script; there are: offload, trace, flood`);
    const unknown = words.find((w) => w !== '-j' && w !== '--json');
    if (unknown !== undefined) return refuse(proc, `offload: there is no option ${unknown}`);
    const report = proc.os.offload?.();
    if (report === undefined) return refuse(proc, 'offload: this kernel cannot tell; the model can');
    proc.out(words.length > 0 ? `${JSON.stringify(report, null, 2)}\n` : offloadText(report));
    return 0;
  },
};

function refuse(proc: Proc, message: string): number {
  proc.err(`lowerdev: ${message}\n`);
  return 2;
}
