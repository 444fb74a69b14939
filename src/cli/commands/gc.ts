// lowerdev gc: its options and help.

import type { Command } from 'commander';

export function registerGc(program: Command): void {
  program
    .command('gc')
    .summary('remove what dead labs and sandboxes have left')
    .description(
      'Looks for what nobody will come back for: labs whose change was cut short or whose file is gone, sandboxes whose process is dead, files that a killed lowerdev left. Shows it; with --yes, removes it.',
    )
    .option('--yes', 'remove it')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
A lab that is whole and has its file is no leftover: \`lowerdev destroy\` removes it. What has no record (it was made while /run
could not be written) is named, and left.

Exit code: 0 there is nothing to remove, or it was removed; 3 something would be removed, and --yes was not given; 4 not allowed.

Examples:
  sudo lowerdev gc
  sudo lowerdev gc --yes
  lowerdev gc --yes                # without root: your own sandboxes
`,
    )
    .action(async (options) => {
      const { gc } = await import('../verbs/gc.ts');
      process.exitCode = await gc(options);
    });
}
