// Starting shells: text run by the present shell (eval, source, traps), text or words run by a new one (`sh -c`,
// commands that run commands). A new shell gets the exported variables and the descriptors, nothing else.

import type { NsRef } from '../lab/os.ts';
import { Capture } from './descriptors.ts';
import { toBytes } from './engine/bytes.ts';
import {
  type EngineExecOptions,
  type EngineState,
  newState,
  type Outcome,
  type ScriptNode,
} from './engine/justbash.ts';
import { Shell } from './shell.ts';
import { parseScript, SyntaxProblem } from './syntax.ts';
import type { Process, Thread } from './task.ts';
import { scriptOfArgv } from './words.ts';

/** Runs text in `shell` itself. Errors that leave a script (`exit`, `return`) leave this too. */
export async function execute(shell: Shell, text: string, firstLine: number): Promise<number> {
  const script = parseOrComplain(shell, text, firstLine);
  if (script === null) return 2;
  let exitCode = 0;
  for (const statement of script.statements) {
    const outcome = await shell.executeStatement(statement);
    exitCode = outcome.exitCode;
    shell.state.lastExitCode = exitCode;
    shell.state.env.set('?', String(exitCode));
  }
  return exitCode;
}

export function parseOrComplain(shell: Shell, text: string, firstLine: number): ScriptNode | null {
  try {
    return parseScript(text, firstLine);
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    shell.err(problemText(shell.name, error));
    return null;
  }
}

/** As bash prints it, and the column below. */
export function problemText(name: string, problem: SyntaxProblem): string {
  const at = `${name}: line ${problem.line}: `;
  const quoted = problem.text === null ? '' : `${at}\`${problem.text}'\n`;
  return `${at}${problem.message}\n${quoted}${name}: line ${problem.line}, column ${problem.column}\n`;
}

export interface NewShell {
  ns?: NsRef;
  env?: Readonly<Record<string, string>>;
  clearEnv?: boolean;
  cwd?: string;
  /** Bytes. */
  stdin?: string;
  name?: string;
  args?: readonly string[];
  thread?: Thread;
  /** The process that asks; left out: the shell's. */
  parent?: Process;
  /** Goes on as this process (exec), not as a new one. */
  process?: Process;
}

/** A new shell process below `parent`, ready to run. */
export function newShell(parent: Shell, options: NewShell): Shell {
  const { computer } = parent;
  const state = newState();
  const env = options.clearEnv === true ? {} : parent.buildExportedEnv();
  const exported = { ...env, ...options.env };
  state.exportedVars = new Set();
  for (const [name, value] of Object.entries(exported)) exportVariable(state, name, value);
  if (!state.env.has('PATH')) state.env.set('PATH', defaultPath);
  state.cwd = options.cwd ?? parent.state.cwd;
  state.env.set('PWD', state.cwd);
  inheritIdentity(state, parent.state);
  const above = options.parent ?? parent.process;
  const name = options.name ?? 'bash';
  const process =
    options.process ?? computer.newProcess(above, options.thread ?? parent.thread, name, options.ns ?? above.ns);
  state.virtualPid = process.pid;
  state.virtualPpid = above.pid;
  const shell = new Shell(computer, process, state, new Map(parent.fds), name);
  setArguments(shell.state, name, options.args ?? []);
  if (options.stdin !== undefined) shell.state.groupStdin = options.stdin;
  else shell.state.groupStdin = parent.state.groupStdin;
  shell.joinRecord(parent);
  return shell;
}

export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function exportVariable(state: EngineState, name: string, value: string): void {
  if (name === 'SHELLOPTS' || name === 'BASHOPTS') return;
  state.env.set(name, value);
  state.exportedVars?.add(name);
}

function inheritIdentity(state: EngineState, from: EngineState): void {
  state.virtualUid = from.virtualUid;
  state.virtualGid = from.virtualGid;
}

/** `$0`, `$1`, ..., `$#`. */
export function setArguments(state: EngineState, name: string, args: readonly string[]): void {
  for (const key of [...state.env.keys()]) if (/^[1-9]\d*$/.test(key)) state.env.delete(key);
  state.env.set('0', name);
  state.env.set('#', String(args.length));
  state.env.set('@', args.join(' '));
  state.env.set('*', args.join(' '));
  for (let i = 0; i < args.length; i++) state.env.set(String(i + 1), args[i]);
}

/** A command line for a text tool of the interpreter, its output handed back. */
export async function runCaptured(shell: Shell, script: string, options?: EngineExecOptions): Promise<Outcome> {
  const inside = options?.cwd === undefined;
  const child = inside
    ? shell.fork()
    : newShell(shell, {
        env: options.env,
        clearEnv: options.replaceEnv === true,
        cwd: options.cwd,
        stdin: options.stdinKind === 'bytes' ? (options.stdin ?? '') : toBytes(options.stdin ?? ''),
        name: shell.name,
      });
  child.state.currentLine = shell.state.currentLine;
  child.state.extraArgs = options?.args;
  const out = new Capture();
  child.fds.set(1, { sink: out, source: null });
  const parsed = parseOrComplain(child, script, shell.state.currentLine);
  const exitCode = parsed === null ? 2 : await child.run(parsed);
  return { stdout: out.bytes, stdoutKind: 'bytes', stderr: '', exitCode };
}

/** Prepares words or text for a new shell. */
export function scriptFor(shell: Shell, what: readonly string[] | string): ScriptNode | null {
  return typeof what === 'string' ? parseOrComplain(shell, what, 1) : scriptOfArgv(what, shell.state.currentLine);
}
