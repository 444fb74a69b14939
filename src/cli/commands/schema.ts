// lowerdev schema: its help.

import type { Command } from 'commander';

export function registerSchema(program: Command): void {
  program
    .command('schema')
    .summary('the JSON Schema of the lab file, for editors')
    .description(
      'Prints the JSON Schema (draft 7) of the lab file. Editors that know it complete the file and check it while you type.',
    )
    .addHelpText(
      'after',
      `
Exit code: 0.

Examples:
  lowerdev schema > lab.schema.json
  # and as the first line of lab.yaml:
  #   # yaml-language-server: $schema=lab.schema.json
`,
    )
    .action(async () => {
      const { schema } = await import('../verbs/schema.ts');
      process.exitCode = schema();
    });
}
