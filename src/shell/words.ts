// Words and trees made by hand: a command line from an argument vector, without a parser in between, and the quoting
// that `set -x` prints.

import type {
  CommandNode,
  ScriptNode,
  SimpleCommandNode,
  StatementNode,
  WordNode,
  WordPart,
} from './engine/justbash.ts';

export function literalWord(text: string): WordNode {
  return { type: 'Word', parts: [{ type: 'SingleQuoted', value: text }] };
}

/** A word that expands as inside double quotes. */
export function quotedWord(parts: WordPart[]): WordNode {
  return { type: 'Word', parts: [{ type: 'DoubleQuoted', parts }] };
}

export function simpleCommand(name: WordNode, args: WordNode[], line: number): SimpleCommandNode {
  return { type: 'SimpleCommand', name, args, assignments: [], redirections: [], line };
}

export function scriptOf(statements: StatementNode[]): ScriptNode {
  return { type: 'Script', statements };
}

export function scriptOfCommand(command: CommandNode): ScriptNode {
  const pipeline = { type: 'Pipeline' as const, commands: [command], negated: false };
  return scriptOf([{ type: 'Statement', pipelines: [pipeline], operators: [], background: false }]);
}

export function scriptOfArgv(argv: readonly string[], line: number): ScriptNode {
  const [name, ...args] = argv.map(literalWord);
  return scriptOfCommand(simpleCommand(name, args, line));
}

/** As bash quotes a word in its trace. */
export function traceQuote(word: string): string {
  if (word === '') return "''";
  if (/^[\w@%+=:,./~^-]+$/.test(word) && !/^~/.test(word)) return word;
  if (/[\x00-\x1f\x7f]/.test(word))
    return `$'${word.replace(/[\\']/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t')}'`;
  return `'${word.replace(/'/g, "'\\''")}'`;
}

/** True when the word stands for itself, once, whatever the variables are. */
export function isPlainWord(word: WordNode): boolean {
  return word.parts.every((part) => part.type === 'Literal' || part.type === 'SingleQuoted' || part.type === 'Escaped');
}

/** The interpreter's trace of an assignment, with the value quoted as bash does. */
export function quoteTrace(trace: string, ps4: string): string {
  return trace.replace(/^\+ (\w+=)(.*)$/gm, (_, head: string, value: string) =>
    /^['$(]/.test(value) ? `${ps4}${head}${value}` : `${ps4}${head}${value === '' ? '' : traceQuote(value)}`,
  );
}
