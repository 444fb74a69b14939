// Builtins that have little to do in a lab.

import type { Shell } from '../shell.ts';

/** No process uses processor time here. */
export async function times(shell: Shell): Promise<number> {
  shell.out('0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n');
  return 0;
}

/** Files have no owners here; the mask is only told. */
export async function umask(shell: Shell, args: string[]): Promise<number> {
  if (args.length === 0) shell.out('0022\n');
  return 0;
}

export async function ulimit(shell: Shell): Promise<number> {
  shell.out('unlimited\n');
  return 0;
}

/** Jobs do not outlive their shell here, whether disowned or not. */
export async function disown(shell: Shell, args: string[]): Promise<number> {
  const { jobs } = shell;
  if (args[0] === '-a') jobs.list.length = 0;
  for (const spec of args.length === 0 ? ['%+'] : args.filter((arg) => !arg.startsWith('-'))) {
    const job = jobs.find(spec);
    if (job !== null) jobs.forget(job);
    else if (args.length > 0) {
      shell.complain(`disown: ${spec}: no such job`);
      return 1;
    }
  }
  return 0;
}
