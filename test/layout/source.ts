// Reads the repository's files for the layout tests: which files there are, what a file imports, and its code with comments
// and the insides of strings blanked. A scanner of a hundred lines, not a parser: it never needs to understand a type.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export interface Import {
  specifier: string;
  line: number;
}

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  text: string;
  lines: number;
  imports: Import[];
  /** Comments, string bodies and regular expressions blanked; line numbers kept. */
  code: string;
}

/** Every file that git tracks or would track; without git, every file outside node_modules and dist. */
export function repositoryFiles(): string[] {
  try {
    const out = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return out.split('\0').filter((path) => path !== '' && existsSync(join(root, path)));
  } catch {
    return walk(root).map((path) => relative(root, path).split(sep).join('/'));
  }
}

function walk(folder: string): string[] {
  const skip = new Set(['node_modules', 'dist', '.git', '.cache', 'coverage']);
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (skip.has(name)) return [];
    return statSync(path).isDirectory() ? walk(path) : [path];
  });
}

export function readSource(path: string): SourceFile {
  return parseSource(path, readFileSync(join(root, path), 'utf8'));
}

export function parseSource(path: string, text: string): SourceFile {
  const lines = text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return { path, text, lines, imports: findImports(text), code: blank(text, true) };
}

const importPattern = /(?:\b(?:import|export)\b[^'"`;()]*?\bfrom\s*|\bimport\s*|\bimport\s*\(\s*)(['"])([^'"\n]+)\1/g;

function findImports(text: string): Import[] {
  const visible = blank(text, false);
  const found: Import[] = [];
  for (const match of visible.matchAll(importPattern)) {
    const specifierAt = match.index + match[0].length - match[2].length - 1;
    found.push({ specifier: match[2], line: visible.slice(0, specifierAt).split('\n').length });
  }
  return found;
}

/** The file that a relative import names, or null for a package. */
export function resolveImport(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return posix.normalize(posix.join(posix.dirname(from), specifier));
}

/** Characters after which a slash begins a regular expression rather than a division. */
const beforeRegExp = new Set('(,=:[!&|?{};+-*%~^<>\n'.split(''));

/** Replaces comments, and with `strings` also string bodies, by spaces. Code inside `${}` stays. */
export function blank(text: string, strings: boolean): string {
  const out = text.split('');
  const hide = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (out[i] !== '\n') out[i] = ' ';
  };
  const braces: number[] = [];
  let depth = 0;
  let last = '\n';
  let i = 0;
  const template = (from: number): number => {
    let at = from;
    while (at < text.length && text[at] !== '`') {
      if (text[at] === '\\') at++;
      else if (text[at] === '$' && text[at + 1] === '{') {
        if (strings) hide(from, at);
        braces.push(depth);
        return at + 2;
      }
      at++;
    }
    if (strings) hide(from, at);
    return at + 1;
  };
  while (i < text.length) {
    const c = text[i];
    if (c === '/' && text[i + 1] === '/') {
      const end = text.indexOf('\n', i);
      const to = end < 0 ? text.length : end;
      hide(i, to);
      i = to;
    } else if (c === '/' && text[i + 1] === '*') {
      const end = text.indexOf('*/', i + 2);
      const to = end < 0 ? text.length : end + 2;
      hide(i, to);
      i = to;
    } else if (c === "'" || c === '"') {
      let at = i + 1;
      while (at < text.length && text[at] !== c && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
      if (strings) hide(i + 1, at);
      last = c;
      i = at + 1;
    } else if (c === '`') {
      last = c;
      i = template(i + 1);
    } else if (
      c === '/' &&
      (beforeRegExp.has(last) || /\b(?:return|typeof|case|in|of)\s*$/.test(text.slice(Math.max(0, i - 12), i)))
    ) {
      let at = i + 1;
      let inClass = false;
      while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
        if (text[at] === '\\') at++;
        else if (text[at] === '[') inClass = true;
        else if (text[at] === ']') inClass = false;
        at++;
      }
      hide(i + 1, at);
      last = '/';
      i = at + 1;
    } else {
      if (c === '{') depth++;
      else if (c === '}') {
        if (braces.length > 0 && braces[braces.length - 1] === depth) {
          braces.pop();
          last = '`';
          i = template(i + 1);
          continue;
        }
        depth--;
      }
      if (c !== ' ' && c !== '\t' && c !== '\n' && c !== '\r') last = c;
      i++;
    }
  }
  return out.join('');
}
