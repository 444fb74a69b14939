// lowerdev completion: its options and help.

import type { Command } from 'commander';

export function registerCompletion(program: Command): void {
  program
    .command('completion')
    .summary('print a completion script for bash, zsh or fish')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText(
      'after',
      `
Exit code: 0 printed, 2 no such shell.

Examples:
  source <(lowerdev completion bash)                  # in ~/.bashrc
  source <(lowerdev completion zsh)                   # in ~/.zshrc, behind compinit
  lowerdev completion fish | source                   # in ~/.config/fish/config.fish
`,
    )
    .action(async (name: string) => {
      const { completion } = await import('../verbs/completion.ts');
      process.exitCode = completion(name, program);
    });
}
