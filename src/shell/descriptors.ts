// File descriptors of a shell process. A sink takes bytes at once, in the order written, whoever writes; a source is
// read from a shared position, as an open file is.

import type { Files } from './files.ts';
import type { FileNode, Tree } from './tree.ts';

/** Somewhere to write: 0 or -errno. */
export interface Sink {
  write(bytes: string): number;
  /** True when a person sees it. */
  readonly terminal: boolean;
}

/** Somewhere to read: what is left of it. */
export interface Source {
  rest: string;
}

export interface Descriptor {
  sink: Sink | null;
  source: Source | null;
}

export type Descriptors = Map<number, Descriptor>;

/** Keeps what is written: a pipe, a substitution. */
export class Capture implements Sink {
  readonly terminal = false;
  private readonly chunks: string[] = [];

  write(bytes: string): number {
    if (bytes !== '') this.chunks.push(bytes);
    return 0;
  }

  get bytes(): string {
    return this.chunks.join('');
  }
}

/** A file of the tree, opened for appending or emptied. */
export class FileSink implements Sink {
  readonly terminal = false;
  private readonly tree: Tree;
  private readonly file: FileNode;

  constructor(tree: Tree, file: FileNode) {
    this.tree = tree;
    this.file = file;
  }

  write(bytes: string): number {
    this.tree.append(this.file, bytes);
    return 0;
  }
}

/** A file that the kernel makes up: each write is a request, and may be refused. */
export class KernelSink implements Sink {
  readonly terminal = false;
  private readonly files: Files;
  private readonly path: string;

  constructor(files: Files, path: string) {
    this.files = files;
    this.path = path;
  }

  write(bytes: string): number {
    return bytes === '' ? 0 : this.files.write(this.path, bytes, true);
  }
}

/** Writes on and keeps a copy (`--json`). */
export class Tee implements Sink {
  private readonly to: Sink;
  private readonly copy: Capture;

  constructor(to: Sink, copy: Capture) {
    this.to = to;
    this.copy = copy;
  }

  get terminal(): boolean {
    return this.to.terminal;
  }

  write(bytes: string): number {
    this.copy.write(bytes);
    return this.to.write(bytes);
  }
}

export function writeTo(table: Descriptors, fd: number, bytes: string): number {
  if (bytes === '') return 0;
  const sink = table.get(fd)?.sink;
  return sink === undefined || sink === null ? -9 : sink.write(bytes);
}
