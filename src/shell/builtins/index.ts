// The builtins that the interpreter lacks, or does without processes: one line each.

import type { Shell } from '../shell.ts';
import { liveCommand } from '../syntax.ts';
import { traceBuiltin, traceCommand } from '../trace.ts';
import { dot, evalBuiltin, execBuiltin } from './eval.ts';
import { jobs, kill, wait } from './jobs.ts';
import { liveVariable } from './live.ts';
import { bash, sh } from './sh.ts';
import { disown, times, ulimit, umask } from './small.ts';
import { trap } from './trap.ts';

/** Runs in the shell's own process; the exit code. */
export type Builtin = (shell: Shell, args: string[]) => Promise<number>;

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['.', dot],
  ['source', dot],
  ['eval', evalBuiltin],
  ['exec', execBuiltin],
  ['trap', trap],
  ['wait', wait],
  ['kill', kill],
  ['jobs', jobs],
  ['disown', disown],
  ['times', times],
  ['umask', umask],
  ['ulimit', ulimit],
  ['sh', sh],
  ['dash', sh],
  ['/bin/sh', sh],
  ['/usr/bin/sh', sh],
  ['bash', bash],
  ['/bin/bash', bash],
  ['/usr/bin/bash', bash],
  [liveCommand, liveVariable],
  [traceCommand, traceBuiltin],
]);
