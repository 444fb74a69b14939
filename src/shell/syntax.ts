// From text to a tree that can run: parses, puts bash's words to syntax errors, and rewrites what the interpreter
// cannot know: line numbers inside $(...) and eval, variables that ask a clock or a random stream, and wide bits.

import { asksForBits, wideBits } from './bits.ts';
import type { ScriptNode, SimpleCommandNode } from './engine/justbash.ts';
import { parse } from './parse.ts';
import { rewritten } from './rewrite.ts';

/** Variables whose value is made when they are read; the builtin `__lowerdev_var NAME` makes it. */
export const liveVariables = new Set(['RANDOM', 'SRANDOM', 'SECONDS', 'EPOCHSECONDS', 'EPOCHREALTIME', 'BASHPID']);
export const liveCommand = '__lowerdev_var';

/** Text that is no script. `message` has no file name before it. */
export class SyntaxProblem extends Error {
  override readonly name = 'SyntaxProblem';
  readonly line: number;
  readonly column: number;
  /** The line of the script that bash prints below the message; null when it prints none. */
  readonly text: string | null;

  constructor(message: string, line: number, column: number, text: string | null) {
    super(message);
    this.line = line;
    this.column = column;
    this.text = text;
  }
}

/** `firstLine`: the number that the first line has in messages. */
export function parseScript(text: string, firstLine = 1): ScriptNode {
  let script: ScriptNode;
  try {
    script = parse(whole(text));
  } catch (error) {
    throw problemOf(error, text, firstLine);
  }
  const early = script.statements.find((s) => s.deferredError !== undefined);
  if (early?.deferredError !== undefined) {
    const line = early.line ?? 1;
    const at = positionOf(text, early.deferredError.token, line);
    throw new SyntaxProblem(early.deferredError.message, line + firstLine - 1, at, lineAt(text, line));
  }
  adapt(script, { line: 1, offset: firstLine - 1 });
  return script;
}

/** True when the text only lacks its end (the interactive shell asks for more). */
export function isIncomplete(text: string): boolean {
  if (/(?:^|[^\\])(?:\\\\)*\\\n?$/.test(text)) return true;
  try {
    return hasOpenHereDoc(parse(whole(text)));
  } catch (error) {
    const { message, token } = error as ParseFailure;
    return token?.type === 'EOF' || /got EOF|unexpected EOF|unexpected end of file|unterminated/i.test(message);
  }
}

function hasOpenHereDoc(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(hasOpenHereDoc);
  if (typeof node !== 'object' || node === null) return false;
  const record = node as Record<string, unknown>;
  if (record['type'] === 'HereDoc' && record['terminated'] === false) return true;
  return Object.values(record).some(hasOpenHereDoc);
}

/** The parser does not come to an end of `$((` at the end of a text, unless a line ends there. */
function whole(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

interface ParseFailure extends Error {
  line?: number;
  column?: number;
  token?: { type: string; value: string };
}

function problemOf(error: unknown, text: string, firstLine: number): Error {
  const failure = error as ParseFailure;
  if (failure.name !== 'ParseException' && failure.name !== 'LexerError') return failure;
  const line = failure.line ?? 1;
  const column = failure.column ?? 1;
  const at = line + firstLine - 1;
  const plain = failure.message.replace(/^Parse error at \d+:\d+: /, '').replace(/^line \d+: /, '');
  const { token } = failure;
  if (token?.type === 'EOF' || /got EOF/.test(plain)) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 0 : -1);
    return new SyntaxProblem('syntax error: unexpected end of file', lines + firstLine - 1, 1, null);
  }
  if (/^unexpected EOF/.test(plain)) return new SyntaxProblem(plain, at, column, null);
  if (/^syntax error/.test(plain)) return new SyntaxProblem(plain, at, column, lineAt(text, line));
  const word = token === undefined || token.value === '' ? '' : token.value;
  const near = word === '\n' || token?.type === 'NEWLINE' ? 'newline' : word;
  const message = near === '' ? `syntax error: ${plain}` : `syntax error near unexpected token \`${near}'`;
  return new SyntaxProblem(message, at, column, lineAt(text, line));
}

function lineAt(text: string, line: number): string {
  return text.split('\n')[line - 1] ?? '';
}

function positionOf(text: string, token: string, line: number): number {
  return Math.max(0, lineAt(text, line).indexOf(token)) + 1;
}

interface Place {
  /** Line of the command that encloses the node, already moved. */
  line: number;
  offset: number;
}

type Tree = Record<string, unknown>;

function adapt(node: unknown, place: Place): void {
  if (Array.isArray(node)) {
    for (let i = 0; i < node.length; i++) {
      const live = liveExpansion(node[i] as Tree | null) ?? otherForm(node[i] as Tree | null);
      if (live !== null) node[i] = live;
      if (live === null || live['type'] === 'Group') adapt(node[i], place);
    }
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const tree = node as Tree;
  let here = place;
  if (typeof tree['line'] === 'number') {
    tree['line'] = (tree['line'] as number) + place.offset;
    here = { line: tree['line'] as number, offset: place.offset };
  }
  if (tree['type'] === 'CommandSubstitution' || tree['type'] === 'ProcessSubstitution') {
    adapt(tree['body'], { line: here.line, offset: here.line - 1 });
    return;
  }
  if (tree['type'] === 'For' && tree['words'] === null) tree['words'] = [allArguments()];
  if (tree['type'] === 'ArithmeticExpression' && typeof tree['originalText'] === 'string') {
    if (asksForBits(tree['originalText'])) tree['originalText'] = undefined;
    else tree['originalText'] = withLive(tree['originalText']);
  }
  for (const key of Object.keys(tree)) {
    const live = liveExpansion(tree[key] as Tree | null);
    if (live !== null) {
      tree[key] = live;
      continue;
    }
    tree[key] = wideBits(tree[key] as Tree | null, liveVariables) ?? tree[key];
    adapt(tree[key], here);
  }
}

function withLive(arithmetic: string): string {
  return arithmetic.replace(/\$?\{?\b(\w+)\b\}?/g, (all, name: string) =>
    liveVariables.has(name) ? `$(${liveCommand} ${name})` : all,
  );
}

function otherForm(node: Tree | null): Tree | null {
  if (node?.['type'] !== 'SimpleCommand') return null;
  return rewritten(node as unknown as SimpleCommandNode) as Tree | null;
}

/** `$RANDOM` becomes a substitution that asks for a number. */
function liveExpansion(node: Tree | null): Tree | null {
  if (typeof node !== 'object' || node === null) return null;
  if (
    node['type'] === 'ParameterExpansion' &&
    node['operation'] === null &&
    liveVariables.has(String(node['parameter']))
  ) {
    return parseLive(String(node['parameter']));
  }
  if (node['type'] === 'ArithVariable' && liveVariables.has(String(node['name']))) {
    return { type: 'ArithCommandSubst', command: `${liveCommand} ${String(node['name'])}` };
  }
  return null;
}

/** `for x; do`: over "$@". */
function allArguments(): Tree {
  const part = { type: 'ParameterExpansion', parameter: '@', operation: null };
  return { type: 'Word', parts: [{ type: 'DoubleQuoted', parts: [part] }] };
}

function parseLive(name: string): Tree {
  const script = parse(`echo $(${liveCommand} ${name})`) as unknown as {
    statements: [{ pipelines: [{ commands: [Tree] }] }];
  };
  const [word] = script.statements[0].pipelines[0].commands[0]['args'] as [{ parts: [Tree] }];
  return word.parts[0];
}
