// trap: commands to run on a signal, on EXIT and on ERR. Bash: builtins/trap.def.

import type { Signal } from '../process.ts';
import type { Shell } from '../shell.ts';
import { signalNumber } from '../task.ts';
import { signalOf } from './jobs.ts';

export async function trap(shell: Shell, args: string[]): Promise<number> {
  let words = args[0] === '--' ? args.slice(1) : args;
  if (words.length === 0 || words[0] === '-p') return print(shell, words.slice(1));
  if (words[0] === '-l') {
    shell.complain('trap: -l: use kill -l');
    return 2;
  }
  const first = words[0];
  // One word alone, or a number first: back to the default.
  const reset = first === '-' || words.length === 1 || /^\d+$/.test(first);
  const action = reset ? null : first;
  if (!(reset && first !== '-')) words = words.slice(1);
  let code = 0;
  for (const word of words) if (!set(shell, word, action)) code = 1;
  return code;
}

function set(shell: Shell, word: string, action: string | null): boolean {
  const name = trapName(word);
  if (name === null) {
    shell.complain(`trap: ${word}: invalid signal specification`);
    return false;
  }
  if (name === 'DEBUG' || name === 'RETURN') {
    shell.complain(`trap: ${name} is not in the model's shell`);
    return false;
  }
  if (action === null) shell.traps.actions.delete(name);
  else shell.traps.actions.set(name, action);
  if (name !== 'EXIT' && name !== 'ERR') applyTo(shell, name as Signal, action);
  return true;
}

function applyTo(shell: Shell, signal: Signal, action: string | null): void {
  const own = shell.process;
  const handled = new Set(own.handled);
  const ignored = new Set(own.ignored);
  handled.delete(signal);
  ignored.delete(signal);
  if (action === '') ignored.add(signal);
  else if (action !== null) handled.add(signal);
  own.handled = handled;
  own.ignored = ignored;
}

function trapName(word: string): string | null {
  const upper = word.toUpperCase();
  if (upper === 'EXIT' || upper === '0' || upper === 'SIGEXIT') return 'EXIT';
  if (upper === 'ERR' || upper === 'DEBUG' || upper === 'RETURN') return upper;
  const signal = signalOf(word);
  return signal === null || signal === 0 ? null : signal;
}

function print(shell: Shell, names: string[]): number {
  const wanted = names.map(trapName);
  const order = (name: string): number => (name === 'EXIT' ? 0 : name === 'ERR' ? 99 : signalNumber(name as Signal));
  const all = [...shell.traps.actions].sort(([a], [b]) => order(a) - order(b));
  for (const [name, action] of all) {
    if (names.length === 0 || wanted.includes(name)) shell.out(`trap -- '${action.replace(/'/g, "'\\''")}' ${name}\n`);
  }
  return 0;
}
