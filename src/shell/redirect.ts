// Redirections: makes a table of descriptors from the present one. Words were expanded by the caller. Bash: redir.c.

import { strerror } from '../uapi/errno.ts';
import { type Descriptor, type Descriptors, FileSink, KernelSink, type Sink } from './descriptors.ts';
import { toBytes } from './engine/bytes.ts';
import type { Files } from './files.ts';
import { absolute } from './tree.ts';

/** One redirection with its word expanded. For here-documents `word` is the text. */
export interface Expanded {
  operator: string;
  fd: number | null;
  word: string;
}

export interface RedirectContext {
  files: Files;
  cwd: string;
  noclobber: boolean;
  /** What the process reads now, for `<&0`. */
  stdin: () => string;
}

/** Applies one redirection to `table`; the message when it fails, without a place before it. */
export function redirect(table: Descriptors, r: Expanded, context: RedirectContext): string | null {
  const { operator, word } = r;
  if (operator === '<<' || operator === '<<-') return read(table, r.fd ?? 0, toBytes(word));
  if (operator === '<<<') return read(table, r.fd ?? 0, toBytes(`${word}\n`));
  if (operator === '<' || operator === '<>') return openRead(table, r.fd ?? 0, word, context);
  if (operator === '<&') return duplicate(table, r.fd ?? 0, word, context);
  if (operator === '>&' && /^(?:\d+-?|-)$/.test(word)) return duplicate(table, r.fd ?? 1, word, context);
  if (operator === '>&' && r.fd !== null) return `${word}: ambiguous redirect`;
  const append = operator === '>>' || operator === '&>>';
  const both = operator === '&>' || operator === '&>>' || operator === '>&';
  const opened = openWrite(table, word, append, operator === '>' && context.noclobber, context);
  if (typeof opened === 'string') return opened;
  table.set(both ? 1 : (r.fd ?? 1), { sink: opened, source: null });
  if (both) table.set(2, { sink: opened, source: null });
  return null;
}

function read(table: Descriptors, fd: number, bytes: string): null {
  table.set(fd, { sink: null, source: { rest: bytes } });
  return null;
}

function openRead(table: Descriptors, fd: number, word: string, context: RedirectContext): string | null {
  if (word === '') return ': No such file or directory';
  const path = absolute(context.cwd, word);
  const alias = /^\/dev\/(?:fd\/(\d+)|(stdin))$/.exec(path);
  if (alias !== null && (alias[2] !== undefined || table.has(Number(alias[1])))) {
    return duplicate(table, fd, alias[1] ?? '0', context);
  }
  const bytes = context.files.read(path);
  if (typeof bytes === 'number') return `${word}: ${strerror(-bytes)}`;
  return read(table, fd, bytes);
}

function openWrite(
  table: Descriptors,
  word: string,
  append: boolean,
  keep: boolean,
  context: RedirectContext,
): Sink | string {
  if (word === '') return ': No such file or directory';
  if (/^\/dev\/(?:tcp|udp)\//.test(word)) return `${word}: sockets as files are not in the model`;
  const path = absolute(context.cwd, word);
  const alias = /^\/dev\/(?:fd\/(\d+)|(stdout)|(stderr)|(tty))$/.exec(path);
  if (alias !== null) {
    const fd = alias[1] !== undefined ? Number(alias[1]) : alias[3] !== undefined ? 2 : 1;
    const sink = table.get(fd)?.sink;
    if (sink) return sink;
    // `> >(cmd)`: the interpreter keeps what is written there in a file of that name.
    if (alias[1] === undefined || typeof context.files.stat(path) === 'number')
      return `${word}: No such device or address`;
  }
  if (keep) {
    const stat = context.files.stat(path);
    if (typeof stat !== 'number' && stat.kind === 'file') return `${word}: cannot overwrite existing file`;
  }
  const file = context.files.openForWrite(path, !append);
  if (typeof file === 'number') return `${word}: ${strerror(-file)}`;
  return file === null ? new KernelSink(context.files, path) : new FileSink(context.files.tree, file);
}

function duplicate(table: Descriptors, fd: number, word: string, context: RedirectContext): string | null {
  if (word === '-') {
    table.delete(fd);
    return null;
  }
  const move = word.endsWith('-');
  const from = Number(move ? word.slice(0, -1) : word);
  if (!Number.isInteger(from)) return `${word}: ambiguous redirect`;
  const found: Descriptor | undefined =
    from === 0 && !table.has(0) ? { sink: null, source: { rest: context.stdin() } } : table.get(from);
  if (found === undefined) return `${word}: Bad file descriptor`;
  table.set(fd, found);
  if (move) table.delete(from);
  return null;
}
