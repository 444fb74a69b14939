// What machine is this? uname, hostname, id, whoami, nproc, arch, modprobe: one user, one model of a Linux machine.

import { wordTable } from '../../../base/word-table.ts';
import { KERNEL_RELEASE } from '../../../net/release.ts';
import type { Command } from '../../process.ts';

const version = '#1 SMP PREEMPT_DYNAMIC lowerdev model';

const uname: Command = {
  name: 'uname',
  summary: "the model's kernel name and release",
  async run(proc) {
    const fields = new Map([
      ['s', 'Linux'],
      ['n', 'lowerdev'],
      ['r', KERNEL_RELEASE],
      ['v', version],
      ['m', 'x86_64'],
      ['o', 'GNU/Linux'],
    ]);
    const long = wordTable<string>({
      '--all': 'a',
      '--kernel-name': 's',
      '--nodename': 'n',
      '--kernel-release': 'r',
      '--kernel-version': 'v',
      '--machine': 'm',
      '--operating-system': 'o',
    });
    const wanted = new Set<string>();
    for (const arg of proc.argv) for (const letter of long[arg] ?? arg.replace(/^-/, '')) wanted.add(letter);
    for (const letter of wanted) {
      if (letter === 'a' || letter === 'p' || letter === 'i' || fields.has(letter)) continue;
      proc.err(`uname: invalid option -- '${letter}'\nTry 'uname --help' for more information.\n`);
      return 1;
    }
    if (wanted.size === 0) wanted.add('s');
    const shown = [...fields].filter(([letter]) => wanted.has('a') || wanted.has(letter)).map(([, value]) => value);
    if (wanted.has('p') || wanted.has('i')) shown.push('unknown');
    proc.out(`${shown.join(' ')}\n`);
    return 0;
  },
};

const hostname: Command = {
  name: 'hostname',
  summary: "the model's host name",
  async run(proc) {
    const name = proc.argv.find((arg) => !arg.startsWith('-'));
    if (name !== undefined) return Math.min(0, await proc.writeFile('/etc/hostname', `${name}\n`));
    const text = await proc.readText('/etc/hostname');
    proc.out(typeof text === 'string' ? text : 'lowerdev\n');
    return 0;
  },
};

const id: Command = {
  name: 'id',
  summary: 'the user, who is root',
  async run(proc) {
    const options = proc.argv.filter((arg) => arg.startsWith('-')).join('');
    const name = options.includes('n');
    if (/[ugG]/.test(options)) proc.out(name ? 'root\n' : '0\n');
    else proc.out('uid=0(root) gid=0(root) groups=0(root)\n');
    return 0;
  },
};

const whoami: Command = {
  name: 'whoami',
  summary: 'the user, who is root',
  async run(proc) {
    proc.out('root\n');
    return 0;
  },
};

const nproc: Command = {
  name: 'nproc',
  summary: 'the number of processors',
  async run(proc) {
    proc.out('1\n');
    return 0;
  },
};

/** Modules whose code the model has built in. */
const builtIn = new Set(['macvlan', 'macvtap', 'veth', 'bridge', 'tap', 'tun', 'af_packet', 'br_netfilter']);

const modprobe: Command = {
  name: 'modprobe',
  summary: 'load a module: what the model has is built in',
  async run(proc) {
    let code = 0;
    const remove = proc.argv.some((arg) => arg === '-r' || arg === '--remove');
    for (const name of proc.argv.filter((arg) => !arg.startsWith('-') && !arg.includes('='))) {
      const module = name.replace(/-/g, '_');
      if (builtIn.has(module) && !remove) continue;
      if (builtIn.has(module)) proc.err(`modprobe: FATAL: Module ${name} is builtin.\n`);
      else
        proc.err(
          `modprobe: FATAL: Module ${name} not found in directory /lib/modules/${KERNEL_RELEASE}: the model does not have it\n`,
        );
      code = 1;
    }
    return code;
  },
};

const sync: Command = {
  name: 'sync',
  summary: 'nothing to write back',
  async run() {
    return 0;
  },
};

export const machineCommands: readonly Command[] = [uname, hostname, id, whoami, nproc, modprobe, sync];
