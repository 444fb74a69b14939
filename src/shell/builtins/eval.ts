// eval, source and exec: other text, or another command, in the place of this one.

import { strerror } from '../../uapi/errno.ts';
import { toText } from '../engine/bytes.ts';
import { NoProgress } from '../scheduler.ts';
import type { Shell } from '../shell.ts';
import { execute, parseOrComplain, setArguments } from '../spawn.ts';
import { absolute } from '../tree.ts';

/** As deep as functions may call each other. bash has no limit but its stack, and dies of it. */
const deepest = 400;

export async function evalBuiltin(shell: Shell, args: string[]): Promise<number> {
  const words = args[0] === '--' ? args.slice(1) : args;
  enter(shell, 'eval');
  try {
    return await execute(shell, words.join(' '), shell.state.currentLine);
  } finally {
    shell.textDepth--;
  }
}

/** Text that runs inside of text that runs, `eval` and `source` together. */
function enter(shell: Shell, what: string): void {
  if (shell.textDepth >= deepest) throw new NoProgress(`${what} within ${what}, ${deepest} deep`);
  shell.textDepth++;
}

/** `. FILE [ARG...]` */
export async function dot(shell: Shell, args: string[]): Promise<number> {
  const [file, ...rest] = args[0] === '--' ? args.slice(1) : args;
  if (file === undefined) {
    shell.complain('source: filename argument required\nsource: usage: source filename [arguments]');
    return 2;
  }
  const text = readScript(shell, file);
  if (typeof text === 'number') {
    shell.complain(`${file}: ${strerror(-text)}`);
    return 1;
  }
  const { state } = shell;
  const { name } = shell;
  const before = [...state.env].filter(([key]) => /^(?:\d+|[#@*])$/.test(key));
  enter(shell, 'source');
  shell.name = file;
  state.sourceDepth++;
  if (rest.length > 0) setArguments(state, state.env.get('0') ?? name, rest);
  try {
    const script = parseOrComplain(shell, text, 1);
    if (script === null) return 2;
    let exitCode = 0;
    for (const statement of script.statements) {
      exitCode = (await shell.executeStatement(statement)).exitCode;
      state.lastExitCode = exitCode;
      state.env.set('?', String(exitCode));
    }
    return exitCode;
  } catch (error) {
    const left = error as { name?: string; exitCode?: number };
    if (left.name !== 'ReturnError') throw error;
    shell.flushError(error);
    return left.exitCode ?? 0;
  } finally {
    shell.name = name;
    shell.textDepth--;
    state.sourceDepth--;
    if (rest.length > 0) {
      setArguments(state, state.env.get('0') ?? name, []);
      for (const [key, value] of before) state.env.set(key, value);
    }
  }
}

function readScript(shell: Shell, file: string): string | number {
  const dirs = file.includes('/') ? [''] : [...(shell.state.env.get('PATH') ?? '').split(':'), '.'];
  let found: string | number = -2;
  for (const dir of dirs) {
    found = shell.files.read(absolute(shell.state.cwd, dir === '' ? file : `${dir}/${file}`));
    if (typeof found === 'string') return toText(found);
  }
  return found;
}

/** `exec COMMAND`: runs it and ends the shell. Redirections alone are made by shell.ts. */
export async function execBuiltin(shell: Shell, args: string[]): Promise<number> {
  let words = args;
  if (words[0] === '-a') words = words.slice(2);
  while (words[0]?.startsWith('-')) words = words.slice(1);
  if (words.length === 0) return 0;
  if (!(await shell.canRun(words[0]))) {
    shell.complain(`exec: ${words[0]}: not found`);
    return shell.leave(127);
  }
  const code = await shell.invoke(words);
  shell.traps.actions.delete('EXIT');
  return shell.leave(code);
}
