// lowerdev shell: its options and help.

import type { Command } from 'commander';
import { collect } from '../usage.ts';

export function registerShell(program: Command): void {
  program
    .command('shell')
    .summary('the same, interactively')
    .description(
      'An interactive shell on the model kernel, with history and completion. Its clock stands still at the prompt.',
    )
    .option('--machine <file>', 'the hardware: NICs, cables, switches')
    .option('--seed <n>', 'what everything random is derived from', '1')
    .option('--set <name=value>', 'a shell variable; may be repeated', collect)
    .option('--realtime', 'let virtual time pass as the clock on the wall does')
    .option('--max-events <n>', 'events that one wait may take before it ends as a storm')
    .addHelpText(
      'after',
      `
Exit code: that of the last command, or of \`exit\`; 2 bad usage, 4 no progress.
LOWERDEV_NO_HISTORY=1 keeps no history.

Examples:
  lowerdev shell
  lowerdev shell --machine examples/offload/machine.yaml
  echo 'ip link add v0 type veth; ip -br link' | lowerdev shell
`,
    )
    .action(async (options) => {
      const { shell } = await import('../verbs/shell.ts');
      process.exitCode = await shell(options);
    });
}
