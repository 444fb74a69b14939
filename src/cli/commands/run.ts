// lowerdev run: its options and help.

import { type Command, Option } from 'commander';
import { collect } from '../usage.ts';

export function registerRun(program: Command): void {
  program
    .command('run')
    .summary('run a shell script in the model kernel, or in a sandbox of this one')
    .description('Runs a shell script in the model kernel and prints what `bash SCRIPT` would print on Linux as root.')
    .argument('<script>', "a bash script; '-' reads it from standard input")
    .argument('[args...]', 'become $1, $2, ...')
    .option('--machine <file>', 'the hardware: NICs, cables, switches (default: machine.yaml beside the script)')
    .option('--seed <n>', 'what everything random is derived from', '1')
    .option('--set <name=value>', 'a shell variable; may be repeated', collect)
    .option('--pcap <file>', 'write every frame of every device to a pcapng file')
    .option('--pcap-limit <size>', 'end that file there, as 100M or unlimited (default: 1G)')
    .option('--trace', 'afterwards print every function that packets passed, on both sides (10 packets)')
    .option('--trace-filter <filter>', "trace only packets that this filter chooses, in tcpdump's language")
    .option('--trace-count <n>', 'trace so many packets')
    .option(
      '--timeline <file>',
      'write queues, byte limits, drops and throughput over time: JSON lines, and a page with charts',
    )
    .option('--timeline-step <time>', 'how often', '1ms')
    .option('--json', 'print one JSON document: what each command did')
    .addOption(
      new Option(
        '--engine <name>',
        "model, or sandbox: the real bash and tools on this machine's kernel, in namespaces of their own",
      )
        .choices(['model', 'sandbox'])
        .default('model'),
    )
    .option('--in <lab>', 'with --engine sandbox: in the sandbox of a lab that is applied there')
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
Exit code: the script's own; 2 bad usage or a syntax error, 126, 127 no such script, 3 --check found a rule broken, 4 no progress
(a storm, an endless loop; with --engine sandbox: no sandbox here), 130 Ctrl-C.

Examples:
  lowerdev run lab.sh
  lowerdev run --set MODE=bridge --seed 7 lab.sh
  lowerdev run --machine two-ports.yaml --pcap lab.pcapng lab.sh
  lowerdev run --timeline out.jsonl --timeline-step 100us lab.sh   # and out.html
  lowerdev run --engine sandbox lab.sh                             # with the real tools; root is not needed
  lowerdev run --trace-filter 'icmp and host 10.0.0.2' --trace-count 2 lab.sh
  echo 'ip link add macvlan0 link eth0 type macvlan; ip -d link' | lowerdev run -
`,
    )
    .action(async (script: string, args: string[], options) => {
      const { run } = await import('../verbs/run.ts');
      process.exitCode = await run(script, args, options);
    });
}
