// The command line: names the verbs and loads each when it is called. Parsing only; the work is in the rooms below.
// Exit codes: the script's own; 2 bad usage; 4 no progress; 130 Ctrl-C.

import { Command, CommanderError } from 'commander';
import { version } from '../base/version.ts';
import { Usage } from './usage.ts';

const program = new Command('lowerdev')
  .description('Linux macvlan and NIC L2-forwarding offload, from the plan to the packet')
  .version(version, '-V, --version', 'print the version')
  .enablePositionalOptions()
  .showSuggestionAfterError()
  .exitOverride();

program
  .command('run')
  .summary('run a shell script in the model kernel')
  .description('Runs a shell script in the model kernel and prints what `bash SCRIPT` would print on Linux as root.')
  .argument('<script>', "a bash script; '-' reads it from standard input")
  .argument('[args...]', 'become $1, $2, ...')
  .option('--machine <file>', 'the hardware: NICs, cables, switches (default: machine.yaml beside the script)')
  .option('--seed <n>', 'what everything random is derived from', '1')
  .option('--set <name=value>', 'a shell variable; may be repeated', collect)
  .option('--pcap <file>', 'write every frame of every device to a pcapng file')
  .option('--trace', 'afterwards print every function that packets passed, on both sides (10 packets)')
  .option('--trace-filter <filter>', "trace only packets that this filter chooses, in tcpdump's language")
  .option('--trace-count <n>', 'trace so many packets')
  .option(
    '--timeline <file>',
    'write queues, byte limits, drops and throughput over time: JSON lines, and a page with charts',
  )
  .option('--timeline-step <time>', 'how often', '1ms')
  .option('--json', 'print one JSON document: what each command did')
  .option('--engine <name>', 'the kernel to run on', 'model')
  .option('--realtime', 'let virtual time pass as the clock on the wall does')
  .option('--max-events <n>', 'events that one wait may take before the run ends as a storm')
  .option('--max-commands <n>', 'commands that a script may run')
  .option(
    '--check',
    'afterwards take the lab down and check the rules that every lab keeps (exit 3 when one was broken)',
  )
  .passThroughOptions()
  .addHelpText(
    'after',
    `
Examples:
  lowerdev run lab.sh
  lowerdev run --set MODE=bridge --seed 7 lab.sh
  lowerdev run --machine two-ports.yaml --pcap lab.pcapng lab.sh
  lowerdev run --timeline out.jsonl --timeline-step 100us lab.sh   # and out.html
  lowerdev run --trace-filter 'icmp and host 10.0.0.2' --trace-count 2 lab.sh
  echo 'ip link add macvlan0 link eth0 type macvlan; ip -d link' | lowerdev run -
`,
  )
  .action(async (script: string, args: string[], options) => {
    const { run } = await import('./verbs/run.ts');
    process.exitCode = await run(script, args, options);
  });

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
Examples:
  lowerdev offload examples/offload/lab.sh
  lowerdev offload --json lab.sh | jq '.lowers[].macvlans[] | select(.offloaded | not) | {device, why, cure}'

Inside a script, \`lowerdev offload\` tells the same of that moment.
`,
  )
  .action(async (script: string, args: string[], options) => {
    const { offload } = await import('./verbs/offload.ts');
    process.exitCode = await offload(script, args, options);
  });

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
  .action(async (options) => {
    const { shell } = await import('./verbs/shell.ts');
    process.exitCode = await shell(options);
  });

program
  .command('plan')
  .summary('what would change for a lab')
  .description(
    'Compares a lab file with a kernel and prints what would be made (+), changed (~) and removed (-). Changes nothing.',
  )
  .argument('<lab>', "a lab file; '-' reads it from standard input")
  .option('--engine <name>', 'model: a fresh model of its machine; linux: this machine (default: as the lab says)')
  .option('--seed <n>', 'what everything random in the model is derived from', '1')
  .option('--json', 'the same as JSON')
  .addHelpText(
    'after',
    `
Exit code: 0 nothing to do, 1 something would change, 2 bad input, 3 it cannot be applied, 4 not allowed.

Examples:
  lowerdev plan lab.yaml
  lowerdev plan --json lab.yaml | jq -r '.steps[] | .sign + " " + .text'
`,
  )
  .action(async (lab: string, options) => {
    const { plan } = await import('./verbs/apply.ts');
    process.exitCode = await plan(lab, options);
  });

program
  .command('apply')
  .summary('make a machine as a lab says')
  .description(
    'Makes, changes and removes what plan prints, in one transaction: when a step fails, all of it is taken back. What it makes is tagged with the name of the lab.',
  )
  .argument('<lab>', "a lab file; '-' reads it from standard input")
  .option('--engine <name>', 'model: a model of its machine, to try it out; linux: this machine')
  .option('--yes', 'on this machine: do it, after the plan was looked at without')
  .option('--seed <n>', 'what everything random in the model is derived from', '1')
  .option('--json', 'the same as JSON')
  .addHelpText(
    'after',
    `
Exit code: 0 the machine is as the lab says, 2 bad input, 3 refused (everything is as before), 4 not allowed.

Examples:
  lowerdev apply lab.yaml
  sudo lowerdev apply --engine linux --yes lab.yaml
`,
  )
  .action(async (lab: string, options) => {
    const { apply } = await import('./verbs/apply.ts');
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
  .requiredOption('--engine <name>', 'linux: this machine')
  .option('--yes', 'do it, after the plan was looked at without')
  .option('--json', 'the same as JSON')
  .addHelpText(
    'after',
    `
Exit code: 0 nothing of it is left, 2 bad input, 3 refused (everything is as before), 4 not allowed.

Examples:
  sudo lowerdev destroy --engine linux --yes lab.yaml
  sudo lowerdev destroy --engine linux web                # shows what belongs to the lab 'web'
  sudo lowerdev destroy --engine linux --yes --all
`,
  )
  .action(async (lab: string | undefined, options) => {
    const { destroy } = await import('./verbs/apply.ts');
    process.exitCode = await destroy(lab, options);
  });

program
  .command('completion')
  .summary('print a completion script for bash, zsh or fish')
  .argument('<shell>', 'bash, zsh or fish')
  .action(async (name: string) => {
    const { completion } = await import('./verbs/completion.ts');
    process.exitCode = completion(name);
  });

program
  .command('version')
  .summary('print the version')
  .action(() => {
    process.stdout.write(`lowerdev ${version}\n`);
  });

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

process.stdout.on('error', brokenPipe);
process.stderr.on('error', brokenPipe);
for (const command of program.commands) command.exitOverride().showSuggestionAfterError();

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof Usage) {
    process.stderr.write(`lowerdev: ${error.message}\n`);
    process.exitCode = 2;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else throw error;
}

/** Whoever read our output has gone (`lowerdev run x.sh | head`). */
function brokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(141);
  throw error;
}
