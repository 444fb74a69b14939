// lowerdev completion: its options and help.

import type { Command } from 'commander';

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a completion script for bash, zsh or fish')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', '\nExample:\n  source <(lowerdev completion bash)\n')
    .action(async (name: string) => {
      const { completion } = await import('../verbs/completion.ts');
      process.exitCode = completion(name, program);
    });
}
