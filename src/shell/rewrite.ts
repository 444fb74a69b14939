// Rewrites of the parsed script, where the interpreter would understand it otherwise than bash: `local a=("$@")` keeps
// its elements apart only as an assignment of its own, after the declaration.

import type { CommandNode, SimpleCommandNode, WordNode, WordPart } from './engine/justbash.ts';
import { scriptOfCommand } from './words.ts';

const declarations = new Set(['local', 'declare', 'typeset']);

/** The command in another form, or null when it can stay. */
export function rewritten(node: SimpleCommandNode): CommandNode | null {
  const name = plainText(node.name);
  if (name === null || !declarations.has(name) || node.redirections.length > 0) return null;
  const arrays = node.args.map(splitElements);
  if (arrays.every((array) => array === null)) return null;
  const args = node.args.map((arg, i) => {
    const array = arrays[i];
    return array === null ? arg : word([{ type: 'Literal', value: array.name }]);
  });
  const assignments = arrays
    .filter((array) => array !== null)
    .map((array) => ({
      type: 'Assignment' as const,
      name: array.name,
      value: null,
      append: array.append,
      array: array.elements,
    }));
  const declare: SimpleCommandNode = { ...node, args };
  const assign: SimpleCommandNode = { ...node, name: null, args: [], assignments };
  const body = [...scriptOfCommand(declare).statements, ...scriptOfCommand(assign).statements];
  return { type: 'Group', body, redirections: [], line: node.line };
}

interface ArrayValue {
  name: string;
  append: boolean;
  elements: WordNode[];
}

/** `name=(...)` with a quoted "$@" or "${a[@]}" in it, as its elements. */
function splitElements(arg: WordNode): ArrayValue | null {
  const [first] = arg.parts;
  const last = arg.parts.at(-1);
  if (first?.type !== 'Literal' || last?.type !== 'Literal' || !last.value.endsWith(')')) return null;
  const head = /^([A-Za-z_]\w*)(\+?)=\(/.exec(first.value);
  if (head === null || !arg.parts.some(isQuotedList)) return null;
  const elements: WordNode[] = [];
  let parts: WordPart[] = [];
  const flush = (): void => {
    if (parts.length > 0) elements.push(word(parts));
    parts = [];
  };
  arg.parts.forEach((part, i) => {
    if (part.type !== 'Literal') {
      parts.push(part);
      return;
    }
    let text = i === 0 ? part.value.slice(head[0].length) : part.value;
    if (i === arg.parts.length - 1) text = text.slice(0, -1);
    text.split(/(\s+)/).forEach((piece) => {
      if (/^\s+$/.test(piece)) flush();
      else if (piece !== '') parts.push({ type: 'Literal', value: piece });
    });
  });
  flush();
  return { name: head[1], append: head[2] === '+', elements };
}

function isQuotedList(part: WordPart): boolean {
  if (part.type !== 'DoubleQuoted') return false;
  return part.parts.some(
    (p) => p.type === 'ParameterExpansion' && (p.parameter === '@' || p.parameter.endsWith('[@]')),
  );
}

function plainText(node: WordNode | null): string | null {
  const [part] = node?.parts ?? [];
  return node?.parts.length === 1 && part.type === 'Literal' ? part.value : null;
}

function word(parts: WordPart[]): WordNode {
  return { type: 'Word', parts };
}
