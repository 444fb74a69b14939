// The traps of one shell: commands that run on a signal, when the shell ends, and when a command fails.

import type { StatementNode } from './engine/justbash.ts';
import type { Signal } from './process.ts';
import type { Shell } from './shell.ts';
import { execute } from './spawn.ts';
import { signalNumber } from './task.ts';

export class Traps {
  /** By name: EXIT, ERR or a signal's. '' ignores it. */
  readonly actions = new Map<string, string>();
  private readonly shell: Shell;
  private depth = 0;

  constructor(shell: Shell) {
    this.shell = shell;
  }

  /** A forked shell keeps only what it ignores. */
  inherit(from: Traps): void {
    for (const [name, action] of from.actions) if (action === '') this.actions.set(name, '');
  }

  /** Runs the actions of the signals that came. */
  async deliver(): Promise<void> {
    const { pending } = this.shell.process;
    while (pending.length > 0 && this.depth === 0) await this.run(pending.shift() as Signal);
  }

  /** Runs the action of one trap; `$?` is the same afterwards. */
  async run(name: string): Promise<void> {
    const action = this.actions.get(name);
    if (action === undefined || action === '' || this.depth > 0) return;
    const { state } = this.shell;
    const { lastExitCode } = state;
    this.depth++;
    try {
      await execute(this.shell, action, state.currentLine);
    } finally {
      this.depth--;
    }
    state.lastExitCode = lastExitCode;
    state.env.set('?', String(lastExitCode));
  }

  /** A statement failed. Functions do not inherit the trap, and a compound command's failure was told inside it. */
  async failed(node: StatementNode, exitCode: number): Promise<void> {
    if (!this.actions.has('ERR') || this.depth > 0 || this.shell.state.callDepth > 0) return;
    const last = node.pipelines.at(-1)?.commands ?? [];
    const type = last.at(-1)?.type ?? '';
    if (last.length === 1 && /^(?:If|For|CStyleFor|While|Until|Case|Group)$/.test(type)) return;
    this.shell.state.lastExitCode = exitCode;
    this.shell.state.env.set('?', String(exitCode));
    await this.run('ERR');
  }

  /** The shell ends with `code`; the code that it really ends with. */
  async exit(code: number): Promise<number> {
    const action = this.actions.get('EXIT');
    if (action === undefined || action === '') return code;
    this.actions.delete('EXIT');
    const { state } = this.shell;
    state.lastExitCode = code;
    state.env.set('?', String(code));
    state.options['errexit'] = false;
    try {
      await execute(this.shell, action, 1);
      return code;
    } catch (error) {
      return this.shell.exitCodeOf(error);
    }
  }

  /** A signal ends the shell: its EXIT trap still runs. */
  async die(): Promise<void> {
    const own = this.shell.process;
    const { dead } = own;
    if (dead === null || dead === 'SIGKILL' || !this.actions.has('EXIT')) return;
    own.dead = null;
    await this.exit(128 + signalNumber(dead));
    own.dead = dead;
  }
}
