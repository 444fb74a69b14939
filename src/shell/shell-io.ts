// What a shell process says, and where: its descriptors, its messages with the place before them, its trace. The
// lower half of Shell (shell.ts): nothing here runs anything.

import { ERRNO, strerror } from '../uapi/errno.ts';
import type { Computer } from './computer.ts';
import { type Descriptors, writeTo } from './descriptors.ts';
import { toBytes } from './engine/bytes.ts';
import { engineFs } from './engine/engine-fs.ts';
import {
  type EngineState,
  engineLimits,
  Interpreter,
  newScope,
  type Outcome,
  type SimpleCommandNode,
} from './engine/justbash.ts';
import { explain, reword } from './engine/text-tools.ts';
import { Files } from './files.ts';
import { locate } from './messages.ts';
import type { Process, Thread } from './task.ts';
import { absolute } from './tree.ts';
import { traceQuote } from './words.ts';

export const done: Outcome = { stdout: '', stderr: '', exitCode: 0 };

export class ShellIo extends Interpreter {
  readonly computer: Computer;
  readonly process: Process;
  readonly files: Files;
  /** What messages call the script. */
  name: string;
  interactive = false;
  /** dash's wording of messages (`sh`). */
  posixName = false;
  fds: Descriptors;
  /** Substitutions around this shell. */
  protected depth = 0;

  constructor(computer: Computer, process: Process, state: EngineState, fds: Descriptors, name: string) {
    const files = new Files(computer.tree, computer.os, () => process.ns);
    super(
      {
        fs: engineFs(files),
        commands: computer.engineCommands,
        limits: engineLimits,
        executionScope: newScope(),
        exec: async () => done,
      },
      state,
    );
    this.computer = computer;
    this.process = process;
    this.files = files;
    this.fds = fds;
    this.name = name;
    state.bashPid = process.pid;
  }

  get state(): EngineState {
    return this.ctx.state;
  }

  get thread(): Thread {
    return this.process.thread;
  }

  /** Writes what an outcome of the command `name` holds, and empties it. The shell's own messages say where they come from. */
  flush(outcome: Outcome, name = ''): Outcome {
    const out = outcome.stdout;
    const err = outcome.stderr;
    if (out === '' && err === '') return outcome;
    outcome.stdout = '';
    outcome.stderr = '';
    delete outcome.internalOutputAccounting;
    const bytes = outcome.stdoutKind === 'bytes' || outcome.stdoutEncoding === 'binary';
    if (err !== '') this.err(locate(reword(name, explain(err, this.#unreadable)), name, this.where(), this.posixName));
    const errno = writeTo(this.fds, 1, bytes ? out : toBytes(out));
    if (errno < 0) {
      this.complain(`${name === '' ? 'echo' : name}: write error: ${strerror(-errno)}`);
      outcome.exitCode = 1;
    }
    return outcome;
  }

  /** Why a file that is there cannot be read; null when that is not the reason. */
  readonly #unreadable = (path: string): string | null => {
    const errno = this.files.read(absolute(this.state.cwd, path));
    return typeof errno === 'string' || errno === -ERRNO.ENOENT[0] ? null : strerror(-errno);
  };

  flushError(error: unknown): void {
    const carrier = error as Partial<Outcome> | null;
    if (typeof carrier?.stdout !== 'string' || typeof carrier.stderr !== 'string') return;
    this.flush({ stdout: carrier.stdout, stderr: carrier.stderr, exitCode: 0 });
    carrier.stdout = '';
    carrier.stderr = '';
  }

  out(text: string): void {
    writeTo(this.fds, 1, toBytes(text));
  }

  err(text: string): void {
    writeTo(this.fds, 2, toBytes(text));
  }

  /** A message of the shell itself. */
  complain(message: string): void {
    this.err(`${this.where()}${message}\n`);
  }

  /** `lab.sh: line 3: ` */
  where(): string {
    if (this.interactive) return `${this.name}: `;
    return this.posixName
      ? `${this.name}: ${this.state.currentLine}: `
      : `${this.name}: line ${this.state.currentLine}: `;
  }

  /** What `set -x` puts before a line: the first character once more for each substitution around. */
  protected ps4(): string {
    const ps4 = this.state.env.get('PS4') ?? '+ ';
    return ps4.slice(0, 1).repeat(this.depth) + ps4;
  }

  protected trace(node: SimpleCommandNode, argv: string[]): void {
    const ps4 = this.ps4();
    let text = '';
    for (const { name } of node.assignments) text += `${ps4}${name}=${traceQuote(this.state.env.get(name) ?? '')}\n`;
    this.err(`${text}${ps4}${argv.map(traceQuote).join(' ')}\n`);
  }
}
