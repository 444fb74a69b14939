// lowerdev doctor: its options and help.

import { type Command, Option } from 'commander';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('what is suspicious about the macvlans of this machine, with cures')
    .description(
      'Looks at every macvlan in every namespace that can be entered, at the devices below and at the network that the machine hangs on, and tells what does not work or will not, the worst first, each with what shows it and what cures it. Changes nothing without --fix --yes.',
    )
    .option('--fix', 'show what would cure the findings that can safely be cured')
    .option('--yes', 'with --fix: do it, and look again')
    .option('--json', 'the same as JSON')
    .addOption(new Option('--engine <name>', 'what to look at').choices(['linux', 'model', 'sandbox']))
    .option(
      '--lab <file>',
      "also: can this lab's devices carry it; with --engine model or sandbox: the lab that is applied there",
    )
    .option('--snapshot <file>', "a saved snapshot; '-' reads it from standard input")
    .option('--seed <n>', 'what everything random in the model is derived from', '1')
    .addHelpText(
      'after',
      `
Exit code: 0 nothing found (or all cured), 1 findings, 2 bad input, 3 the lab is refused, 4 not allowed.
What --fix makes carries the tag of a lab called doctor: lowerdev destroy doctor removes it.

Examples:
  sudo lowerdev doctor
  sudo lowerdev doctor --fix                 # shows the exact changes
  sudo lowerdev doctor --fix --yes
  sudo lowerdev doctor --json | jq -r '.findings[] | .code + " " + .where'
`,
    )
    .action(async (options) => {
      const { doctor } = await import('../verbs/doctor.ts');
      process.exitCode = await doctor(options);
    });
}
