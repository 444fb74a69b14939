// lowerdev why: its options and help.

import { type Command, Option } from 'commander';

export function registerWhy(program: Command): void {
  program
    .command('why')
    .summary('why one thing reaches another, or does not')
    .description(
      'Takes a snapshot of this machine, loads it into the model, sends a packet there from A to B, and tells the first step that fails, what was seen of it, and the cure. Then one probe asks the real kernel the same. Changes nothing.',
    )
    .argument('<a>', 'who sends: an endpoint of a lab, host, netns/device, a namespace, a device, an address')
    .argument('<b>', 'who should hear it, said in the same ways')
    .option('--lab <file>', 'the lab whose endpoints are meant')
    .addOption(
      new Option('--engine <name>', 'linux: this machine (default); model, sandbox: the machine of the lab').choices([
        'linux',
        'model',
        'sandbox',
      ]),
    )
    .option('--snapshot <file>', "a saved snapshot instead of this machine; '-' reads it from standard input")
    .addOption(
      new Option('--traffic <kind>', 'what is sent (default: as the addresses suggest)').choices([
        'ipv4',
        'ipv6',
        'broadcast',
        'multicast',
      ]),
    )
    .option('--no-probe', 'send nothing on the real kernel')
    .option('--seed <n>', 'what everything random in the model is derived from', '1')
    .option('--json', 'the same as JSON')
    .addHelpText(
      'after',
      `
Exit code: 0 reached, 1 not reached, 2 bad input, 4 not allowed. Where a probe was sent, it decides.
Namespaces: a name of ip netns, pid:4711, or a container's id. /run/netns names come without a path.

Examples:
  sudo lowerdev why host blue
  sudo lowerdev why blue/eth0 10.0.0.7
  sudo lowerdev why pid:4711 192.0.2.1
  lowerdev why --engine model --lab lab.yaml host blue
  lowerdev why --snapshot host.json blue green
`,
    )
    .action(async (a: string, b: string, options) => {
      const { why } = await import('../verbs/why.ts');
      process.exitCode = await why(a, b, options);
    });
}
