// lowerdev init: its options and help.

import { type Command, Option } from 'commander';
import { collect } from '../usage.ts';

export function registerInit(program: Command): void {
  program
    .command('init')
    .summary('write a lab file')
    .description(
      'Writes a commented lab: from a few questions (on a terminal, when --lower is not given), from options, or from the macvlans that this machine has.',
    )
    .option('--lower <device>', 'the device that the macvlans stand on')
    .addOption(
      new Option('--mode <mode>', 'how they meet')
        .choices(['private', 'vepa', 'bridge', 'passthru', 'source'])
        .default('bridge'),
    )
    .option('--endpoints <names>', 'blue,green', 'blue,green')
    .option(
      '--subnet <prefix>',
      '192.168.7.0/24 or fd00:7::/64: where they get addresses from; may be repeated',
      collect,
    )
    .option('--gateway <address>', 'their default route')
    .option('--vlan <n>', 'a VLAN device between')
    .option('--host-shim', 'a macvlan through which the host reaches them')
    .option('--machine', 'hardware for the model and a sandbox, instead of this machine')
    .option('--name <lab>', 'the name of the lab (default: from the file)')
    .option('--from-host', 'the macvlans that this machine has')
    .option('--snapshot <file>', 'the macvlans of a saved snapshot')
    .option('-o, --output <file>', "the file to write; '-' is standard output", 'lab.yaml')
    .option('--force', 'overwrite it')
    .addHelpText(
      'after',
      `
Exit code: 0 written, 2 bad input (also: the file is there already), 4 not allowed.

Examples:
  lowerdev init
  lowerdev init --lower eth0 --endpoints blue,green --subnet 192.168.7.0/24 --host-shim -o lab.yaml
  lowerdev init --lower eth0 --subnet 192.168.7.0/24 --machine -o - | lowerdev plan -
  sudo lowerdev init --from-host -o today.yaml
`,
    )
    .action(async (options) => {
      const { init } = await import('../verbs/init.ts');
      process.exitCode = await init(options);
    });
}
