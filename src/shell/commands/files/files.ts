// mktemp and realpath: what scripts use of coreutils and the interpreter's text tools lack.

import type { Command, Proc } from '../../process.ts';
import { absolute } from '../../tree.ts';

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

const mktemp: Command = {
  name: 'mktemp',
  summary: 'make a temporary file or directory',
  async run(proc) {
    let directory = false;
    let dry = false;
    let base = '/tmp';
    let template = 'tmp.XXXXXXXXXX';
    let inBase = true;
    for (let i = 0; i < proc.argv.length; i++) {
      const arg = proc.argv[i];
      if (arg === '-d' || arg === '--directory') directory = true;
      else if (arg === '-u' || arg === '--dry-run') dry = true;
      else if (arg === '-t' || arg === '-q') continue;
      else if (arg === '-p') base = proc.argv[++i] ?? base;
      else if (arg.startsWith('--tmpdir=')) base = arg.slice(9);
      else if (arg === '--tmpdir') continue;
      else if (arg.startsWith('-')) return complain(proc, `invalid option -- '${arg.replace(/^-+/, '')}'`);
      else {
        template = arg;
        inBase = proc.argv.some((a) => a === '-t' || a === '-p' || a.startsWith('--tmpdir'));
      }
    }
    const holes = /X{3,}(?=[^X]*$)/.exec(template);
    if (holes === null) return complain(proc, `too few X's in template ‘${template}’`);
    let name: string;
    do {
      const fill = holes[0].replace(/X/g, () => letters[proc.random.below(letters.length)]);
      name = template.slice(0, holes.index) + fill + template.slice(holes.index + fill.length);
      if (inBase) name = `${base}/${name}`;
    } while (await proc.exists(name));
    const made = dry ? 0 : directory ? await proc.exec(['mkdir', name]) : await proc.writeFile(name, '');
    if (made !== 0)
      return complain(proc, `failed to create file via template ‘${template}’: No such file or directory`);
    proc.out(`${name}\n`);
    return 0;
  },
};

function complain(proc: Proc, message: string): number {
  proc.err(`mktemp: ${message}\n`);
  return 1;
}

const realpath: Command = {
  name: 'realpath',
  summary: 'print the absolute path of a file',
  async run(proc) {
    let code = 0;
    for (const arg of proc.argv.filter((a) => !a.startsWith('-'))) {
      const path = absolute(proc.cwd, arg);
      const parent = path.slice(0, path.lastIndexOf('/')) || '/';
      if (await proc.exists(parent)) proc.out(`${path}\n`);
      else {
        proc.err(`realpath: ${arg}: No such file or directory\n`);
        code = 1;
      }
    }
    return code;
  },
};

export const fileCommands: readonly Command[] = [mktemp, realpath];
