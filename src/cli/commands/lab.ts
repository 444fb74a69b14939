// lowerdev plan, apply and destroy: their options and help.

import { type Command, Option } from 'commander';

export function registerLabVerbs(program: Command): void {
  program
    .command('plan')
    .summary('what would change for a lab, who will reach whom and why')
    .description(
      'Compares a lab file with a kernel and prints what would be made (+), changed (~) and removed (-); then, from a model, who will reach whom with the reason, what of "expect" is met, and what may go wrong. Changes nothing.',
    )
    .argument('<lab>', "a lab file; '-' reads it from standard input")
    .addOption(
      new Option(
        '--engine <name>',
        "model: a fresh model of its machine; sandbox: the lab's sandbox, or a fresh one; linux: this machine (default: as the lab says)",
      ).choices(['model', 'sandbox', 'linux']),
    )
    .option('--no-matrix', 'without reachability and expectations')
    .option('--multicast', 'the matrix has multicast too')
    .option('--adopt', 'as apply --adopt would')
    .option('--seed <n>', 'what everything random in the model is derived from', '1')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 nothing to do, 1 something would change, 2 bad input, 3 it cannot be applied, 4 not allowed.

Examples:
  lowerdev plan lab.yaml
  lowerdev plan --json lab.yaml | jq -r '.steps[] | .sign + " " + .text'
  lowerdev plan --json lab.yaml | jq '.prediction.cells[] | select(.reason.ok | not) | .reason.code'
`,
    )
    .action(async (lab: string, options) => {
      const { plan } = await import('../verbs/plan.ts');
      process.exitCode = await plan(lab, options);
    });

  program
    .command('apply')
    .summary('make a machine as a lab says')
    .description(
      'Makes, changes and removes what plan prints, in one transaction: when a step fails, all of it is taken back. What it makes is tagged with the name of the lab.',
    )
    .argument('<lab>', "a lab file; '-' reads it from standard input")
    .addOption(
      new Option(
        '--engine <name>',
        'sandbox: its machine in namespaces of this kernel, kept until destroy; model: in a model, to try it out; linux: this machine (default: sandbox, for a lab with a machine)',
      ).choices(['sandbox', 'model', 'linux']),
    )
    .option('--yes', 'on this machine: do it, after the plan was looked at without')
    .option(
      '--adopt',
      "take over what is there already and just as the lab says; it is the lab's then, also for destroy",
    )
    .option('--seed <n>', 'what everything random in the model is derived from', '1')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 the machine is as the lab says, 2 bad input (also: a lab with "host: true" and no --engine linux), 3 refused
(everything is as before; also: --engine linux without --yes, which only shows), 4 not allowed, or no sandbox here.

Examples:
  lowerdev apply lab.yaml                                 # in a sandbox that lives until destroy
  lowerdev apply --engine model lab.yaml
  sudo lowerdev apply --engine linux --yes lab.yaml
  sudo lowerdev init --from-host -o today.yaml && sudo lowerdev apply --engine linux --adopt --yes today.yaml
`,
    )
    .action(async (lab: string, options) => {
      const { apply } = await import('../verbs/apply.ts');
      process.exitCode = await apply(lab, options);
    });

  program
    .command('destroy')
    .summary('remove what a lab has made')
    .description(
      "Removes every link and namespace that carries the lab's tag, and nothing else. Of the devices below, what was turned on stays on.",
    )
    .argument('[lab]', 'the lab file, or the name of a lab whose file is gone')
    .option('--all', 'whatever any lab has made here')
    .addOption(
      new Option(
        '--engine <name>',
        "sandbox: ends the lab's sandbox; linux: this machine (default: sandbox, where the lab has one)",
      ).choices(['sandbox', 'linux']),
    )
    .option('--yes', 'do it, after the plan was looked at without')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 nothing of it is left, 2 bad input (also: no --engine, and no sandbox of that lab), 3 refused (everything is
as before; also: --engine linux without --yes, which only shows), 4 not allowed.

Examples:
  lowerdev destroy lab.yaml                               # ends its sandbox
  sudo lowerdev destroy --engine linux --yes lab.yaml
  sudo lowerdev destroy --engine linux web                # shows what belongs to the lab 'web'
  sudo lowerdev destroy --engine linux --yes --all
`,
    )
    .action(async (lab: string | undefined, options) => {
      const { destroy } = await import('../verbs/destroy.ts');
      process.exitCode = await destroy(lab, options);
    });
}
