// Runs something with a shell's descriptors redirected, and puts them back. Words are expanded here, in the shell;
// what each redirection does to the table is redirect.ts.

import type { Descriptors } from './descriptors.ts';
import type { Outcome, Redirection, WordPart } from './engine/justbash.ts';
import { type Expanded, redirect } from './redirect.ts';
import type { Shell } from './shell.ts';
import { quotedWord } from './words.ts';

/** `keep` leaves the descriptors redirected (`exec >file`). */
export async function withRedirections(
  shell: Shell,
  list: readonly Redirection[],
  keep: boolean,
  body: () => Promise<Outcome>,
): Promise<Outcome> {
  const { state } = shell;
  const table: Descriptors = new Map(shell.fds);
  for (const node of list) {
    const problem = await apply(shell, table, node);
    if (problem !== null) {
      shell.complain(problem);
      return { stdout: '', stderr: '', exitCode: 1 };
    }
  }
  const before = shell.fds;
  const stdinBefore = state.groupStdin;
  const stdin = table.get(0);
  const fresh = stdin !== before.get(0);
  shell.fds = table;
  if (fresh) state.groupStdin = stdin?.source?.rest ?? '';
  if (keep) return body();
  try {
    return await body();
  } finally {
    shell.fds = before;
    if (fresh) {
      // The position in the open file is shared by all that read from it.
      if (stdin?.source) stdin.source.rest = state.groupStdin ?? '';
      state.groupStdin = stdinBefore;
    }
  }
}

async function apply(shell: Shell, table: Descriptors, node: Redirection): Promise<string | null> {
  const { target } = node;
  let words: string[];
  if (target.type !== 'HereDoc')
    words = await shell.expand([node.operator === '<<<' ? quotedWord(target.parts) : target]);
  else if (target.quoted) words = [stripTabs(target.content.parts, target.stripTabs).map(plainText).join('')];
  else words = await shell.expand([quotedWord(stripTabs(target.content.parts, target.stripTabs))]);
  if (words.length !== 1) return `${words.join(' ')}: ambiguous redirect`;
  const r: Expanded = { operator: node.operator, fd: node.fd, word: words[0] };
  if (node.fdVariable !== undefined) {
    r.fd = 10;
    while (table.has(r.fd)) r.fd++;
    shell.state.env.set(node.fdVariable, String(r.fd));
  }
  return redirect(table, r, {
    files: shell.files,
    cwd: shell.state.cwd,
    noclobber: shell.state.options['noclobber'] === true,
    stdin: () => shell.state.groupStdin ?? '',
  });
}

/** `<<-`: tabs at the beginning of a line of the script, not of a value. */
function stripTabs(parts: WordPart[], wanted: boolean): WordPart[] {
  if (!wanted) return parts;
  let lineStart = true;
  return parts.map((part) => {
    const begins = lineStart;
    lineStart = false;
    if (part.type !== 'Literal') return part;
    lineStart = part.value.endsWith('\n');
    const value = part.value.replace(/\n\t+/g, '\n');
    return { ...part, value: begins ? value.replace(/^\t+/, '') : value };
  });
}

function plainText(part: WordPart): string {
  return 'value' in part ? String(part.value) : '';
}

/** Builtins that know `-u FD`. */
export const readers: ReadonlySet<string> = new Set(['read', 'mapfile', 'readarray']);

/** `read -u 5`: the descriptor takes the place of standard input, and keeps its position. */
export async function readFrom(
  shell: Shell,
  args: readonly string[],
  run: (args: string[]) => Promise<Outcome>,
): Promise<Outcome> {
  const at = args.findIndex((arg) => /^-u\d*$/.test(arg));
  if (at < 0) return run([...args]);
  const apart = args[at] === '-u';
  const fd = Number(apart ? args[at + 1] : args[at].slice(2));
  const source = shell.fds.get(fd)?.source;
  // Unknown descriptors are the builtin's to complain about.
  if (!source) return run([...args]);
  const { state } = shell;
  const before = state.groupStdin;
  state.groupStdin = source.rest;
  try {
    return await run([...args.slice(0, at), ...args.slice(at + (apart ? 2 : 1))]);
  } finally {
    source.rest = state.groupStdin ?? '';
    state.groupStdin = before;
  }
}
