// lowerdev snapshot: its options and help.

import { type Command, Option } from 'commander';

export function registerSnapshot(program: Command): void {
  program
    .command('snapshot')
    .summary("save what a machine's network is like, to study it elsewhere")
    .description(
      'Reads links, addresses, routes, rules, neighbours, forwarding databases, features, queues and settings of every namespace that can be entered, and writes them as one JSON document. Changes nothing. What is in it: docs/why.md.',
    )
    .option('-o, --output <file>', 'where to (default: standard output)')
    .option('--json', 'JSON without line breaks')
    .addOption(new Option('--engine <name>', 'what to look at').choices(['linux', 'model', 'sandbox']))
    .option('--lab <file>', 'with --engine model or sandbox: the lab')
    .option('--seed <n>', 'what everything random in the model is derived from', '1')
    .addHelpText(
      'after',
      `
Exit code: 0 written, 2 bad input, 4 not allowed.
It holds names, MAC and IP addresses of this machine and of its neighbours, and names of processes that hold namespaces.

Examples:
  sudo lowerdev snapshot -o host.json
  ssh host sudo lowerdev snapshot --json | lowerdev why --snapshot - host blue
  lowerdev snapshot | jq '.namespaces[].links[] | select(.macvlan)'
`,
    )
    .action(async (options) => {
      const { snapshot } = await import('../verbs/snapshot.ts');
      process.exitCode = await snapshot(options);
    });
}
