// lowerdev verify: its options and help.

import { type Command, Option } from 'commander';

export function registerVerify(program: Command): void {
  program
    .command('verify')
    .summary('measure who reaches whom, and compare it with the prediction')
    .description(
      'Measures every cell of the reachability matrix of a lab, with probes from packet sockets in the namespaces of its endpoints, of the host and of the peers of its machine, and prints it beside what the model predicts. Checks what the lab expects.',
    )
    .argument('<lab>', "a lab file; '-' reads it from standard input")
    .addOption(
      new Option(
        '--engine <name>',
        "sandbox: the lab's sandbox, or a fresh one that ends with the command; model: a fresh model; linux: this machine, where the lab was applied (default: as the lab says)",
      ).choices(['sandbox', 'model', 'linux']),
    )
    .option('--seed <n>', 'what everything random in the model is derived from', '1')
    .option('--tries <n>', 'how often a frame is sent at most before it counts as lost', '4')
    .option('--wait <ms>', 'how long the first answers are waited for; later ones up to eight times as long', '60')
    .option('--all', "every cell's evidence, not only that of those which differ")
    .option(
      '--reproducer <dir>',
      'where the reproducer of a difference goes (default: a new folder for temporary files)',
    )
    .option('--json', 'everything as JSON')
    .addHelpText(
      'after',
      `
Asked are the lab's endpoints, the host and the peers of its machine, by ARP requests, neighbour solicitations, echo requests,
broadcasts and multicasts, each a few times at most. No setting is changed; the neighbour entries that asking makes are removed.

Exit code: 0 measured as predicted and as the lab expects, 1 something differs (a reproducer is written), 2 bad input,
3 refused: the lab is not applied there, 4 not allowed.

Examples:
  lowerdev verify lab.yaml                          # in a sandbox: sets up, measures, removes
  lowerdev verify --engine model lab.yaml
  sudo lowerdev verify --engine linux lab.yaml      # after lowerdev apply --engine linux
  lowerdev verify --json lab.yaml | jq '.cells[] | select(.differs)'
`,
    )
    .action(async (lab: string, options) => {
      const { verify } = await import('../verbs/verify.ts');
      process.exitCode = await verify(lab, options);
    });
}
