// The interpreter's parser, with four of its gaps closed: it takes 10,000 statements and no more, makes an empty command of
// what is missing beside `|` and `&&`, cuts `{1..20000}` off after 10,000 words without a word, and has no name in the
// message of `${IFACE:?}`.

import { parse as parseUpTo, type ScriptNode } from './engine/justbash.ts';

/** What the parser throws; ours look the same. */
export class ParseFailure extends Error {
  override readonly name = 'ParseException';
  readonly line: number;
  readonly column: number;
  readonly token: { type: string; value: string };

  constructor(line: number, column: number, token: { type: string; value: string }) {
    super(token.type === 'EOF' ? 'unexpected end of file' : `syntax error near unexpected token \`${token.value}'`);
    this.line = line;
    this.column = column;
    this.token = token;
  }
}

type Tree = Record<string, unknown>;

/** Ranges are cut into pieces that the interpreter expands whole. */
const longestRange = 10_000;

export function parse(text: string): ScriptNode {
  const script = parseAll(text);
  complete(script as unknown as Tree, text);
  return script;
}

function parseAll(text: string): ScriptNode {
  let rest = text;
  const statements: ScriptNode['statements'] = [];
  for (;;) {
    try {
      const script = parseUpTo(rest);
      if (statements.length === 0) return script;
      return { ...script, statements: [...statements, ...script.statements] };
    } catch (error) {
      const { message, line, column } = error as ParseFailure;
      if (!/Parser stuck: too many iterations/.test(message)) throw error;
      // It stopped at the beginning of a statement. What comes before is read already; its lines stay, empty.
      const at = offsetOf(rest, line, column);
      const before = parseUpTo(rest.slice(0, at));
      if (before.statements.length === 0) throw error;
      statements.push(...before.statements);
      rest = rest.slice(0, at).replace(/[^\n]/g, ' ') + rest.slice(at);
    }
  }
}

function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) at = text.indexOf('\n', at) + 1;
  return at + column - 1;
}

/** Refuses empty commands, cuts long ranges, and completes messages. */
function complete(tree: Tree, text: string): void {
  const { type } = tree;
  if (type === 'Pipeline') checkPipeline(tree, text);
  if (type === 'Statement') {
    const pipelines = tree['pipelines'] as Tree[];
    const operators = tree['operators'] as string[];
    if (operators.length > 0) {
      for (const pipeline of pipelines) {
        const [first] = pipeline['commands'] as Tree[];
        if (isEmpty(first) && pipeline['negated'] !== true && pipeline['timed'] !== true) refuse(first, text);
      }
    }
  }
  if (type === 'BraceExpansion') tree['items'] = (tree['items'] as Tree[]).flatMap(pieces);
  if (type === 'ParameterExpansion') nameUnset(String(tree['parameter']), tree['operation'] as Tree | null);
  for (const key of Object.keys(tree)) {
    const value = tree[key];
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === 'object' && item !== null) complete(item as Tree, text);
    } else if (typeof value === 'object' && value !== null) complete(value as Tree, text);
  }
}

function checkPipeline(tree: Tree, text: string): void {
  const commands = tree['commands'] as Tree[];
  if (commands.length < 2) return;
  for (const command of commands) if (isEmpty(command)) refuse(command, text);
}

function isEmpty(node: Tree): boolean {
  if (node['type'] !== 'SimpleCommand' || node['name'] !== null) return false;
  return ['args', 'assignments', 'redirections'].every((key) => (node[key] as unknown[]).length === 0);
}

/** The parser keeps only the line: the operator that stands where a command should is looked for there. */
function refuse(node: Tree, text: string): never {
  const line = node['line'] as number;
  const lines = text.split('\n');
  const here = lines[line - 1] ?? '';
  const match =
    /(?:\|\||&&|\|&|\|)\s*?(\|\||\|&|\||&&|&|;;|;|\))/.exec(here) ?? /^\s*()(\|\||\|&|\||&&|&|;;|;|\))/.exec(here);
  if (match === null) throw new ParseFailure(line, 1, { type: 'EOF', value: '' });
  const token = match[2] ?? match[1];
  throw new ParseFailure(line, match.index + match[0].length - token.length + 1, { type: 'OPERATOR', value: token });
}

function pieces(item: Tree): Tree[] {
  const { start, end, step } = item;
  if (item['type'] !== 'Range' || typeof start !== 'number' || typeof end !== 'number') return [item];
  const by = Math.abs((step as number | null) ?? 1) || 1;
  const count = Math.floor(Math.abs(end - start) / by) + 1;
  if (count <= longestRange) return [{ ...item, ...widths(item) }];
  const sign = start <= end ? 1 : -1;
  const out: Tree[] = [];
  // As many pieces as make the interpreter complain, and no more.
  for (let done = 0; done < count && out.length < 1000; done += longestRange) {
    const from = start + sign * by * done;
    const last = Math.min(done + longestRange, count) - 1;
    out.push({ ...item, ...widths(item), start: from, end: start + sign * by * last });
  }
  return out;
}

/** `{01..100}`: zeros make every number as wide as the widest end; the interpreter looks at the end with the zeros only. */
function widths(item: Tree): Tree {
  const ends = [item['startStr'], item['endStr']];
  if (!ends.every((end): end is string => typeof end === 'string' && /^\d+$/.test(end))) return {};
  if (!ends.some((end) => /^0\d/.test(end))) return {};
  const width = Math.max(...ends.map((end) => end.length));
  return { startStr: ends[0].padStart(width, '0'), endStr: ends[1].padStart(width, '0') };
}

/** `${name:?message}` says `name: message`. */
function nameUnset(name: string, operation: Tree | null): void {
  if (operation?.['type'] !== 'ErrorIfUnset') return;
  const usual = operation['checkEmpty'] === true ? 'parameter null or not set' : 'parameter not set';
  const word = operation['word'] as { type: string; parts: Tree[] } | null;
  const none = word?.parts.every((part) => part['value'] === '') ?? true;
  const parts = word === null || none ? [{ type: 'Literal', value: usual }] : word.parts;
  operation['word'] = { type: 'Word', parts: [{ type: 'Literal', value: `${name}: ` }, ...parts] };
}
