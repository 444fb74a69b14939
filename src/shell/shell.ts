// A shell process: just-bash's interpreter with real descriptors under it (shell-io.ts). Here is what a statement, a
// pipeline and a command do with output, jobs and signals; what words mean is the interpreter's. Output is written the moment it is
// made, so every outcome that comes back from the interpreter is emptied on its way (flush).
// A subshell, a pipeline's part and a substitution are forks: copies of the state, on the same thread.

import { builtins } from './builtins/index.ts';
import type { Computer } from './computer.ts';
import { Capture, type Descriptors } from './descriptors.ts';
import {
  bundledCommands,
  type CommandNode,
  cloneState,
  type EngineExecOptions,
  type EngineState,
  type Outcome,
  type PipelineNode,
  type ScriptNode,
  type SimpleCommandNode,
  type StatementNode,
  type WordNode,
} from './engine/justbash.ts';
import { align, spell } from './engine/text-tools.ts';
import { Jobs } from './jobs.ts';
import { builtinMessage, shellBuiltins, timeReport } from './messages.ts';
import { type CommandRecord, recorded } from './record.ts';
import { readers, readFrom, withRedirections } from './redirect-scope.ts';
import { runCommandProcess } from './run-command.ts';
import { NoProgress } from './scheduler.ts';
import { done, ShellIo } from './shell-io.ts';
import { runCaptured } from './spawn.ts';
import { Killed, type Process, type Thread } from './task.ts';
import { hiddenPrefix, isTraced, tracedFor } from './trace.ts';
import { Traps } from './traps.ts';
import { isPlainWord, literalWord, quoteTrace, scriptOf, scriptOfCommand, simpleCommand } from './words.ts';

/** A simple command whose redirections wait until its words are expanded. */
interface Waiting {
  node: SimpleCommandNode;
  taken: boolean;
}

const probe = '\0words';

/** Ctrl-C at the interactive shell. */
class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export class Shell extends ShellIo {
  readonly jobs: Jobs;
  readonly traps: Traps;
  /** `SECONDS=0` starts the count again. */
  secondsFromNs: number;
  /** Ctrl-C came: the present input ends at the next statement. */
  interrupted = false;
  /** The one command of a background job runs as the job's own process. */
  inPlace = false;
  /** How deep `eval` and `source` are inside each other. */
  textDepth = 0;
  private readonly waiting: Waiting[] = [];
  private words: string[] = [];
  record: CommandRecord | null = null;
  /** An error on its way out, while the interpreter sees an `exit`. */
  private carried: unknown = null;
  private lastPipeline: PipelineNode | null = null;

  constructor(computer: Computer, process: Process, state: EngineState, fds: Descriptors, name: string) {
    super(computer, process, state, fds, name);
    Object.assign(this.ctx, { execFn: (script: string, options?: EngineExecOptions) => this.execFor(script, options) });
    this.secondsFromNs = computer.os.nowNs();
    this.jobs = new Jobs(this);
    this.traps = new Traps(this);
  }

  /** The same shell again, as another process. */
  fork(thread: Thread = this.thread): Shell {
    const process = this.computer.newProcess(this.process, thread, this.process.name, this.process.ns);
    const child = new Shell(this.computer, process, cloneState(this.state), new Map(this.fds), this.name);
    child.interactive = this.interactive;
    child.posixName = this.posixName;
    child.secondsFromNs = this.secondsFromNs;
    child.record = this.record;
    child.depth = this.depth;
    child.traps.inherit(this.traps);
    child.jobs.inherit(this.jobs);
    return child;
  }

  /** Runs a script to its end as this shell's process; the exit code. */
  async run(script: ScriptNode): Promise<number> {
    try {
      return await this.thread.inside(this.process, async () => {
        let code: number;
        try {
          code = await this.list(script);
        } catch (error) {
          if (error instanceof Killed && error.process === this.process) await this.traps.die();
          throw error;
        }
        return this.traps.exit(code);
      });
    } finally {
      this.computer.endProcess(this.process);
    }
  }

  /** One input of the interactive shell. Only `exit` ends it, not a failure. */
  async interact(script: ScriptNode): Promise<{ exitCode: number; exited: boolean }> {
    this.interrupted = false;
    try {
      const outcome = await super.executeScript(script);
      this.flush(outcome);
      const failed = this.state.options['errexit'] && outcome.exitCode !== 0 && this.state.errexitSafe !== true;
      return { exitCode: outcome.exitCode, exited: failed };
    } catch (error) {
      if (this.carried instanceof Interrupted) {
        this.carried = null;
        return { exitCode: 130, exited: false };
      }
      const exitCode = this.exitCodeOf(error);
      const exited = (error as Error).name === 'ExitError';
      return { exitCode: exited ? await this.traps.exit(exitCode) : exitCode, exited };
    }
  }

  /** Runs statements; `exit` and a failure under `set -e` end them. */
  async list(script: ScriptNode): Promise<number> {
    try {
      const outcome = await super.executeScript(script);
      this.flush(outcome);
      return outcome.exitCode;
    } catch (error) {
      return this.exitCodeOf(error);
    }
  }

  /** What ends a list of statements, as an exit code. Throws what ends more than that. */
  exitCodeOf(error: unknown): number {
    this.flushError(error);
    const { carried } = this;
    if (carried !== null) {
      this.carried = null;
      throw carried;
    }
    const exit = error as { name?: string; exitCode?: number; message?: string };
    switch (exit.name) {
      case 'ExitError':
      case 'ErrexitError':
      case 'PosixFatalError':
        return exit.exitCode ?? 1;
      case 'ReturnError':
        return exit.exitCode ?? 0;
      case 'SubshellExitError':
      case 'BreakError':
      case 'ContinueError':
        return 0;
      case 'ExecutionLimitError':
        return 126;
      default:
        throw error;
    }
  }

  /** A substitution (the interpreter asks for nothing else): what it writes is its value. */
  override async executeScript(script: ScriptNode): Promise<Outcome> {
    const child = this.fork();
    const out = new Capture();
    child.depth = this.depth + 1;
    child.fds.set(1, { sink: out, source: null });
    child.state.options['errexit'] &&= child.state.options['posix'];
    const exitCode = await child.run(script);
    return { stdout: out.bytes, stdoutKind: 'bytes', stderr: '', exitCode };
  }

  override async executeStatement(node: StatementNode): Promise<Outcome> {
    const { lastPipeline } = this;
    try {
      await this.computer.tick(this.thread);
      await this.signals();
      if (node.background) return this.jobs.start(node);
      this.lastPipeline = node.pipelines.at(-1) ?? null;
      const outcome = this.flush(await super.executeStatement(node));
      const fatal = !this.state.inCondition && this.state.errexitSafe !== true;
      if (outcome.exitCode !== 0 && fatal) await this.traps.failed(node, outcome.exitCode);
      await this.signals();
      return outcome;
    } catch (error) {
      this.flushError(error);
      const { name, exitCode } = error as { name?: string; exitCode?: number };
      if (name === 'ErrexitError') await this.traps.failed(node, exitCode ?? 1);
      if (this.carried === null && leavesScript(error)) {
        // The interpreter's loops stop at errors that they do not know; `exit` passes, and carries this one.
        this.carried = error;
        await this.leave(1);
      }
      throw error;
    } finally {
      this.lastPipeline = lastPipeline;
    }
  }

  override async executePipeline(node: PipelineNode): Promise<Outcome> {
    const { state } = this;
    // `a && b`, `! a`: a failure of `a`, however deep, is no failure of the script.
    const guarded = !state.inCondition && (node !== this.lastPipeline || node.negated);
    if (guarded) state.inCondition = true;
    const { os } = this.computer;
    const startNs = os.nowNs();
    try {
      const plain = node.timed === true ? { ...node, timed: false } : node;
      return plain.commands.length > 1 ? await this.pipe(plain) : await super.executePipeline(plain);
    } finally {
      if (guarded) state.inCondition = false;
      if (node.timed === true) {
        this.err(timeReport(os.nowNs() - startNs, node.timePosix === true, state.env.get('TIMEFORMAT')));
      }
    }
  }

  /** `a | b`: one after the other; each part is a process that reads all that the one before wrote. */
  private async pipe(node: PipelineNode): Promise<Outcome> {
    const last = node.commands.length - 1;
    const codes: number[] = [];
    let input = this.state.groupStdin;
    for (let i = 0; i <= last; i++) {
      const child = this.fork();
      const out = new Capture();
      if (i < last) child.fds.set(1, { sink: out, source: null });
      if (node.pipeStderr?.[i] === true) child.fds.set(2, { sink: out, source: null });
      child.state.groupStdin = input;
      codes.push(await child.run(scriptOfCommand(node.commands[i])));
      if (i === 0) this.state.groupStdin = child.state.groupStdin;
      input = out.bytes;
    }
    const elements = new Map(codes.map((code, i) => [String(i), String(code)]));
    this.state.arrays?.set('PIPESTATUS', { kind: 'indexed', elements });
    let exitCode = codes[last];
    if (this.state.options['pipefail']) exitCode = codes.findLast((code) => code !== 0) ?? 0;
    if (node.negated) exitCode = exitCode === 0 ? 1 : 0;
    return { ...done, exitCode };
  }

  override async executeCommand(node: CommandNode, stdin: string, stdinOwned?: boolean): Promise<Outcome> {
    if (node.type === 'SimpleCommand') return this.flush(await super.executeCommand(node, stdin, stdinOwned));
    if (node.type === 'For' && this.state.options['xtrace'] && !isTraced(node)) {
      return this.executeCommand(tracedFor(node, this.ps4()), stdin, stdinOwned);
    }
    if (node.redirections.length === 0) return this.flush(await super.executeCommand(node, stdin, stdinOwned));
    if (node.type === 'FunctionDef') {
      // The function's redirections are its body's, made anew at each call.
      const body = {
        type: 'Group' as const,
        body: scriptOfCommand(node.body).statements,
        redirections: node.redirections,
      };
      return super.executeCommand({ ...node, body, redirections: [] }, stdin, stdinOwned);
    }
    return withRedirections(this, node.redirections, false, async () =>
      this.flush(await super.executeCommand({ ...node, redirections: [] }, '', false)),
    );
  }

  override async executeSubshell(node: CommandNode): Promise<Outcome> {
    const child = this.fork();
    const exitCode = await child.run(scriptOf((node as { body: StatementNode[] }).body));
    if (this.state.groupStdin !== undefined) this.state.groupStdin = child.state.groupStdin;
    return { ...done, exitCode };
  }

  override async executeSimpleCommand(node: SimpleCommandNode, stdin: string): Promise<Outcome> {
    if (node.name !== null && !isPlainWord(node.name)) return this.executeSimpleCommand(await this.settle(node), stdin);
    const frame: Waiting = { node, taken: false };
    this.waiting.push(frame);
    const tracing = this.state.options['xtrace'];
    let outcome: Outcome;
    try {
      outcome = await super.executeSimpleCommand(
        node.redirections.length === 0 ? node : { ...node, redirections: [] },
        stdin,
      );
    } finally {
      this.waiting.pop();
    }
    if (tracing && !frame.taken) outcome.stderr = quoteTrace(outcome.stderr, this.ps4());
    if (frame.taken) {
      // The trace was printed before the command ran; the interpreter hands it over only now.
      if (tracing) outcome.stderr = '';
      return this.flush(outcome);
    }
    if (node.name === null) this.noteAssignments(node);
    this.flush(outcome);
    if (node.redirections.length === 0) return outcome;
    return withRedirections(this, node.redirections, node.name !== null, async () => outcome);
  }

  /** A command whose name must be expanded: `"$@"` may be several words, or none. */
  private async settle(node: SimpleCommandNode): Promise<SimpleCommandNode> {
    if (node.line !== undefined) this.state.currentLine = node.line;
    let { args } = node;
    let words = node.name === null ? [] : await this.expand([node.name]);
    while (words.length === 0 && args.length > 0) {
      words = await this.expand([args[0]]);
      args = args.slice(1);
    }
    if (words.length === 0) return { ...node, name: null, args: [] };
    return { ...node, name: literalWord(words[0]), args: [...words.slice(1).map(literalWord), ...args] };
  }

  override async runCommand(
    name: string,
    args: string[],
    quoted: boolean[],
    stdin: string,
    skipFunctions?: boolean,
    useDefaultPath?: boolean,
  ): Promise<Outcome> {
    if (name === probe) {
      this.words = args;
      return { ...done };
    }
    const frame = this.waiting.at(-1);
    const dispatch = (): Promise<Outcome> =>
      this.dispatch(name, args, quoted, stdin, skipFunctions === true, useDefaultPath);
    if (frame === undefined || frame.taken) return dispatch();
    frame.taken = true;
    if (this.state.options['xtrace'] && !name.startsWith(hiddenPrefix)) this.trace(frame.node, [name, ...args]);
    return recorded(this, [name, ...args], () =>
      frame.node.redirections.length === 0
        ? dispatch()
        : withRedirections(this, frame.node.redirections, false, dispatch),
    );
  }

  /** What runs: a builtin of ours, a command of the lab, or whatever the interpreter knows. */
  private async dispatch(
    name: string,
    args: string[],
    quoted: boolean[],
    stdin: string,
    skipFunctions: boolean,
    useDefaultPath?: boolean,
  ): Promise<Outcome> {
    if (skipFunctions || !this.state.functions.has(name)) {
      const builtin = builtins.get(name);
      if (builtin !== undefined) return { ...done, exitCode: await builtin(this, args) };
      const command = this.computer.commands.get(this.commandName(name));
      if (command !== undefined) return { ...done, exitCode: await runCommandProcess(this, command, name, args) };
    } else this.inPlace = false;
    const { execNs } = this.computer.os;
    if (execNs > 0 && isProgram(name) && !this.state.functions.has(name)) await this.thread.sleep(execNs);
    const run = (words: string[]): Promise<Outcome> =>
      super.runCommand(name, words, quoted, stdin, skipFunctions, useDefaultPath);
    const outcome = await (readers.has(name) ? readFrom(this, args, run) : run(spell(name, args)));
    if (shellBuiltins.has(name)) outcome.stderr = builtinMessage(name, args, outcome.exitCode, outcome.stderr);
    else this.jobs.report();
    outcome.stdout = align(name, args, outcome.stdout);
    return this.flush(outcome, name);
  }

  /** The command that starts now is all that this process does: it may take its place. */
  isAlone(): boolean {
    return this.inPlace && this.thread.top === this.process;
  }

  /** Runs words as a command, past functions. */
  async invoke(argv: string[]): Promise<number> {
    const outcome = await this.dispatch(argv[0], argv.slice(1), [], '', true);
    return outcome.exitCode;
  }

  /** Whether invoke() would find it. */
  async canRun(name: string): Promise<boolean> {
    const base = this.commandName(name);
    if (builtins.has(name) || this.computer.commands.has(base) || bundledCommands.has(base)) return true;
    return (await this.findCommandInPath(name)).length > 0;
  }

  /** `exit CODE`. */
  async leave(code: number): Promise<never> {
    await super.runCommand('exit', [String(code)], [], '');
    throw new Error('exit came back');
  }

  /** A script file that was called by its name: a shell of its own. */
  override async executeUserScript(path: string, args: string[]): Promise<Outcome> {
    const first = this.files.read(path);
    const posix = typeof first === 'string' && /^#! *\/(?:usr\/)?bin\/(?:env +)?(?:da)?sh\b/.test(first);
    const shell = builtins.get(posix ? 'sh' : 'bash') as (shell: Shell, args: string[]) => Promise<number>;
    return { ...done, exitCode: await shell(this, [path, ...args]) };
  }

  /** `/usr/sbin/ip` is ip. */
  private commandName(name: string): string {
    const path = /^\/(?:usr\/)?(?:local\/)?s?bin\/([^/]+)$/.exec(name);
    return path === null ? name : path[1];
  }

  /** Expands words as arguments are. */
  async expand(words: WordNode[]): Promise<string[]> {
    const { lastArg } = this.state;
    const xtrace = this.state.options['xtrace'];
    this.state.options['xtrace'] = false;
    this.waiting.push({ node: simpleCommand(literalWord(probe), [], this.state.currentLine), taken: true });
    try {
      const outcome = await super.executeSimpleCommand(
        simpleCommand(literalWord(probe), words, this.state.currentLine),
        '',
      );
      this.flush(outcome);
    } finally {
      this.waiting.pop();
      this.state.options['xtrace'] = xtrace;
    }
    this.state.lastArg = lastArg;
    return this.words;
  }

  /** For commands of the interpreter that run others, and for arithmetic that asks for a command. */
  private async execFor(script: string, options?: EngineExecOptions): Promise<Outcome> {
    return runCaptured(this, script, options);
  }

  private noteAssignments(node: SimpleCommandNode): void {
    for (const { name } of node.assignments) {
      if (name === 'SECONDS')
        this.secondsFromNs = this.computer.os.nowNs() - Number(this.state.env.get(name) ?? 0) * 1e9;
    }
  }

  /** Commands of this shell count to the record of the one that started it. */
  joinRecord(parent: Shell): void {
    this.record = parent.record;
  }

  /** Tells the record where the work is done. */
  noteNs(name: string): void {
    if (this.record !== null && name !== '') this.record.netns = name;
  }

  /** Between statements: ends the process, or runs the traps of signals that came. */
  async signals(): Promise<void> {
    const { later, root } = this.thread;
    if (later !== null) {
      this.thread.later = null;
      root?.deliver(later);
    }
    this.thread.check();
    if (this.interrupted) throw new Interrupted();
    await this.traps.deliver();
  }
}

/** Whether bash forks for it: a loop around `cat` must see time pass. */
function isProgram(name: string): boolean {
  return bundledCommands.has(name) && !shellBuiltins.has(name);
}

/** Errors that end more than a statement, whatever is around it. */
function leavesScript(error: unknown): boolean {
  if (error instanceof Killed || error instanceof NoProgress || error instanceof Interrupted) return true;
  return /^(?:AssertionError|TypeError|ReferenceError)$/.test((error as Error).name);
}
