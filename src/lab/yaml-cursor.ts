// Reading checked values out of a YAML document: each knows its place in the file, and what is wrong is collected rather
// than thrown, so that a file's problems come all at once. Knows no schema. Values that are wrong read as their default.

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { nearest } from '../base/nearest.ts';
import type { Problem } from './problems.ts';

/** The document's root, and the list into which problems go. */
export function openYaml(text: string): { root: Cursor; problems: Problem[] } {
  const lines = new LineCounter();
  const problems: Problem[] = [];
  const file = { lines, problems };
  const doc = parse(text, lines);
  if (doc === null) {
    problems.push({ line: 1, column: 1, path: '', text: 'nested too deeply' });
    return { root: new Cursor(file, null, '', 0), problems };
  }
  for (const e of doc.errors) {
    const at = lines.linePos(e.pos[0]);
    const said = WORDS.get(e.code) ?? e.message;
    const tooDeep = /call stack/.test(e.message);
    problems.push({ line: at.line, column: at.col, path: '', text: tooDeep ? 'nested too deeply' : said });
    if (tooDeep) break; // what follows is its consequence
  }
  return { root: new Cursor(file, doc.contents, '', 0), problems };
}

/** Where the parser speaks to programmers. */
const WORDS: ReadonlyMap<string, string> = new Map([['MULTIPLE_DOCS', 'a second document begins: a file has one']]);

/** null: the parser ran out of stack. */
function parse(text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> | null {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: false });
  } catch (e) {
    if (e instanceof RangeError) return null;
    throw e;
  }
}

/** The library's own types stay inside this file: the package's declarations stand alone. */
interface File {
  readonly lines: { linePos(offset: number): { line: number; col: number } };
  readonly problems: Problem[];
}

/** A place in the document. */
export class Cursor {
  readonly path: string;
  private readonly file: File;
  private readonly node: Node | null;
  private readonly offset: number;

  constructor(file: File, node: unknown, path: string, offset: number) {
    this.file = file;
    this.node = node as Node | null;
    this.path = path;
    this.offset = this.node?.range?.[0] ?? offset;
  }

  /** Nothing was written here. */
  get empty(): boolean {
    return this.node === null || (isScalar(this.node) && this.node.value === null);
  }

  get isList(): boolean {
    return isSeq(this.node);
  }

  get isText(): boolean {
    return isScalar(this.node) && typeof this.node.value === 'string';
  }

  get isFlag(): boolean {
    return isScalar(this.node) && typeof this.node.value === 'boolean';
  }

  problem(text: string): void {
    const at = this.file.lines.linePos(this.offset);
    this.file.problems.push({ line: at.line, column: at.col, path: this.path, text });
  }

  /** "unknown X", with the nearest of the words that would do. */
  unknown(what: string, word: string, words: Iterable<string>): void {
    const known = [...words];
    const near = nearest(word, known);
    const hint = near !== null ? `; did you mean "${near}"?` : known.length > 0 ? `; known: ${known.join(', ')}` : '';
    this.problem(`unknown ${what} "${word}"${hint}`);
  }

  /** Name and value of every entry of a map. */
  entries(): Array<[name: string, at: Cursor, key: Cursor]> {
    if (this.empty) return [];
    if (!isMap(this.node)) {
      this.problem(`expected a map, found ${this.kind}`);
      return [];
    }
    return this.node.items.map((item) => {
      const key = item.key as Node;
      const name = isScalar(key) ? String(key.value) : '?';
      const path = this.path === '' ? name : `${this.path}.${name}`;
      const at = key.range?.[0] ?? this.offset;
      return [name, new Cursor(this.file, item.value as Node | null, path, at), new Cursor(this.file, key, path, at)];
    });
  }

  /** The fields of a record; one that is not known is a problem. */
  fields<K extends string>(known: readonly K[]): Partial<Record<K, Cursor>> {
    const out: Partial<Record<K, Cursor>> = {};
    for (const [name, at, key] of this.entries()) {
      if ((known as readonly string[]).includes(name)) out[name as K] = at;
      else key.unknown('field', name, known);
    }
    return out;
  }

  items(): Cursor[] {
    if (this.empty) return [];
    if (!isSeq(this.node)) {
      this.problem(`expected a list, found ${this.kind}`);
      return [];
    }
    return this.node.items.map((item, i) => new Cursor(this.file, item as Node, `${this.path}[${i}]`, this.offset));
  }

  text(): string | null {
    const value = this.scalar();
    if (typeof value === 'string') return value;
    this.problem(`expected a text, found ${this.kind}`);
    return null;
  }

  /** A text, or a number as it was written: `10Gbit`, `0`. */
  word(): string | null {
    const value = this.scalar();
    if (typeof value === 'string') return value.trim();
    if (typeof value === 'number') return isScalar(this.node) ? (this.node.source ?? String(value)) : String(value);
    this.problem(`expected a text, found ${this.kind}`);
    return null;
  }

  integer(min: number, max: number): number | null {
    const value = this.scalar();
    if (typeof value !== 'number' || !Number.isInteger(value))
      this.problem(`expected a whole number, found ${this.kind}`);
    else if (value < min || value > max) this.problem(`${value} is out of range: ${min} to ${max}`);
    else return value;
    return null;
  }

  flag(): boolean | null {
    const value = this.scalar();
    if (typeof value === 'boolean') return value;
    this.problem(`expected true or false, found ${this.kind}`);
    return null;
  }

  private scalar(): unknown {
    return isScalar(this.node) ? this.node.value : undefined;
  }

  private get kind(): string {
    const n = this.node;
    if (isMap(n)) return 'a map';
    if (isSeq(n)) return 'a list';
    if (isAlias(n)) return 'an alias, which these files do not have';
    const value = this.scalar();
    if (value === null || value === undefined) return 'nothing';
    if (typeof value === 'boolean') return String(value);
    return typeof value === 'number' ? `the number ${value}` : `"${String(value)}"`;
  }
}
