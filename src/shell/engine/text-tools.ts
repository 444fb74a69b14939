// Where the interpreter's text tools read options or word messages otherwise than GNU's, the difference is evened out
// here, as two tables. What remains is listed in docs/scripts.md.

import { plainPatterns, trEscapes } from './bre.ts';

type Rewrite = readonly [pattern: RegExp, replacement: string];

/** Options that may carry their value in the same word, and that the tool only knows apart. */
const valued: ReadonlyMap<string, string> = new Map([
  ['xargs', 'nIPdLs'],
  ['paste', 'd'],
]);

const noFile = 'No such file or directory';
const wording: ReadonlyMap<string, readonly Rewrite[]> = new Map([
  ['ls', [[/^ls: (?!cannot)([^:]*): No such/gm, "ls: cannot access '$1': No such"]]],
  ['head', [[/^head: ([^:]*): No such/gm, "head: cannot open '$1' for reading: No such"]]],
  ['tail', [[/^tail: ([^:]*): No such/gm, "tail: cannot open '$1' for reading: No such"]]],
  ['sed', [[/^sed: ([^:]*): No such/gm, "sed: can't read $1: No such"]]],
  ['sort', [[/^sort: ([^:]*): No such/gm, 'sort: cannot read: $1: No such']]],
  ['stat', [[/cannot stat '/g, "cannot statx '"]]],
  ['find', [[/^find: (\/?[^:‘]*): No such/gm, 'find: ‘$1’: No such']]],
  ['mkdir', [[/create directory '([^']*)'/g, 'create directory ‘$1’']]],
  ['touch', [[/: ENOENT: .*$/gm, `: ${noFile}`]]],
  ['ln', [[/^ln: ENOENT: .*symlink '([^']*)'$/gm, `ln: failed to create symbolic link '$1': ${noFile}`]]],
]);

/** The arguments as the tool can read them. */
export function spell(name: string, args: string[]): string[] {
  if (name === 'grep' || name === 'sed') return plainPatterns(name, args);
  if (name === 'tr') return trEscapes(args);
  const letters = valued.get(name);
  if (letters === undefined) return args;
  const out: string[] = [];
  let options = true;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (!options || !/^-[A-Za-z0-9]/.test(arg)) {
      // xargs: the first word that is no option begins the command.
      if (name === 'xargs') options = false;
      if (arg === '--') options = false;
      out.push(arg);
      continue;
    }
    const at = [...arg].findIndex((letter, k) => k > 0 && letters.includes(letter));
    if (at < 0) {
      out.push(arg);
      continue;
    }
    if (at > 1) out.push(arg.slice(0, at));
    out.push(`-${arg[at]}`);
    if (at + 1 < arg.length) out.push(arg.slice(at + 1));
    else if (i + 1 < args.length) out.push(args[++i]);
  }
  // GNU's paste reads standard input when no file is named.
  if (name === 'paste' && !out.some((arg, i) => (arg === '-' || !arg.startsWith('-')) && out[i - 1] !== '-d'))
    out.push('-');
  return out;
}

/** A message as GNU's tool words it. */
export function reword(name: string, message: string): string {
  let text = message;
  for (const [pattern, replacement] of wording.get(name) ?? []) text = text.replace(pattern, replacement);
  return text;
}

/**
 * The tools say of every file that cannot be read that there is none. `why` knows better of files of the kernel, which
 * are there and answer with another error (a device that is down has no speed); null where there is no such file.
 */
export function explain(message: string, why: (path: string) => string | null): string {
  return message.replace(/^(\w+): (\S+): No such file or directory$/gm, (line, tool: string, path: string) => {
    const reason = why(path);
    if (reason === null) return line;
    if (tool === 'head' || tool === 'tail') return `${tool}: error reading '${path}': ${reason}`;
    if (tool === 'sed') return `sed: read error on ${path}: ${reason}`;
    return `${tool}:${tool === 'sort' ? ' read failed:' : ''} ${path}: ${reason}`;
  });
}

/** Output in GNU's columns. */
export function align(name: string, args: readonly string[], output: string): string {
  if (name === 'uniq' && args.some((arg) => /^-[a-z]*c/.test(arg) || arg === '--count'))
    return output.replace(/^ *(\d+) /gm, (_, count: string) => `${count.padStart(7)} `);
  if (name === 'ls') return listed(args, output);
  return output;
}

/** The names of files come first and without empty lines between them; what is in folders follows. */
function listed(args: readonly string[], output: string): string {
  const names = new Set(args.filter((arg) => !arg.startsWith('-')));
  const recursive = args.some((arg) => /^-[a-zA-Z]*R/.test(arg) || arg === '--recursive');
  if (names.size < 2 || recursive) return output;
  const blocks = output.replace(/\n$/, '').split('\n\n');
  const isFolder = (block: string): boolean => names.has(/^(.*):$/m.exec(block.split('\n', 1)[0])?.[1] ?? '');
  const files = blocks.filter((block) => !isFolder(block));
  const folders = blocks.filter(isFolder);
  const parts = files.length > 0 ? [files.join('\n'), ...folders] : folders;
  return output === '' ? '' : `${parts.join('\n\n')}\n`;
}
