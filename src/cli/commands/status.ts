// lowerdev status: its options and help.

import { type Command, Option } from 'commander';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .summary('every macvlan of this machine, and what carries it')
    .description(
      'Shows every macvlan and macvtap in every namespace that can be entered, whoever made it: where it is and who holds that, mode, addresses, state, offload, traffic, drops, the lab it belongs to; and the devices below. Changes nothing.',
    )
    .option('--watch', 'follow what the kernel tells of changes, until Ctrl-C')
    .option('--interval <seconds>', 'two readings that far apart, and rates (with --watch: 1)')
    .option('--json', 'the same as JSON; with --watch one line a change')
    .addOption(new Option('--engine <name>', 'what to look at').choices(['linux', 'model', 'sandbox']))
    .option('--lab <file>', 'with --engine model or sandbox: the lab that is applied there')
    .option('--snapshot <file>', "a saved snapshot; '-' reads it from standard input")
    .option('--seed <n>', 'what everything random in the model is derived from', '1')
    .addHelpText(
      'after',
      `
Exit code: 0 shown (with --watch: ended by Ctrl-C), 2 bad input, 3 the lab is refused, 4 not allowed.
Namespaces that cannot be entered are named below the table: as root there are few.

Examples:
  sudo lowerdev status
  sudo lowerdev status --watch
  sudo lowerdev status --json | jq -r '.macvlans[] | select(.state != "up") | .device'
  lowerdev status --engine model --lab lab.yaml
`,
    )
    .action(async (options) => {
      const { status } = await import('../verbs/status.ts');
      process.exitCode = await status(options);
    });
}
