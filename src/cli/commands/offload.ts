// lowerdev offload: its options and help.

import type { Command } from 'commander';
import { collect } from '../usage.ts';

export function registerOffload(program: Command): void {
  program
    .command('offload')
    .summary('which macvlans a script leaves to the NIC, and why not')
    .description(
      'Runs a shell script in the model kernel, quietly, and tells of every NIC and macvlan whether L2 forwarding is offloaded.',
    )
    .argument('<script>', "a bash script; '-' reads it from standard input")
    .argument('[args...]', 'become $1, $2, ...')
    .option('--machine <file>', 'the hardware: NICs, cables, switches (default: machine.yaml beside the script)')
    .option('--seed <n>', 'what everything random is derived from', '1')
    .option('--set <name=value>', 'a shell variable; may be repeated', collect)
    .option('--json', 'the same as JSON')
    .passThroughOptions()
    .addHelpText(
      'after',
      `
Exit code: the script's own; 2 bad usage, 4 no progress.

Examples:
  lowerdev offload examples/offload/lab.sh
  lowerdev offload --json lab.sh | jq '.lowers[].macvlans[] | select(.offloaded | not) | {device, why, cure}'

Inside a script, \`lowerdev offload\` tells the same of that moment.
`,
    )
    .action(async (script: string, args: string[], options) => {
      const { offload } = await import('../verbs/offload.ts');
      process.exitCode = await offload(script, args, options);
    });
}
