// `set -x` for what is no simple command: `for` tells of each round. Done by a hidden command at the head of the body.

import { type CommandNode, serialize } from './engine/justbash.ts';
import type { Shell } from './shell.ts';
import { literalWord, scriptOfCommand, simpleCommand } from './words.ts';

/** Names of commands that the script did not write. */
export const hiddenPrefix = '__lowerdev_';
export const traceCommand = `${hiddenPrefix}trace`;

type ForNode = Extract<CommandNode, { type: 'For' }>;

const traced = new WeakSet<object>();

export function isTraced(node: ForNode): boolean {
  return traced.has(node);
}

/** The loop with its own line printed at the head of each round. */
export function tracedFor(node: ForNode, ps4: string): ForNode {
  const [head] = serialize(scriptOfCommand({ ...node, body: [] })).split(/;|\n/);
  const hidden = simpleCommand(literalWord(traceCommand), [literalWord(`${ps4}${head.trim()}`)], 0);
  const loop = { ...node, body: [...scriptOfCommand({ ...hidden, line: node.line }).statements, ...node.body] };
  traced.add(loop);
  return loop;
}

/** The hidden command: prints a line, and leaves `$?` alone. */
export async function traceBuiltin(shell: Shell, args: string[]): Promise<number> {
  shell.err(`${args[0]}\n`);
  return shell.state.lastExitCode;
}
