// The files of the script's machine: a tree in memory. Synchronous; names, bytes, modes and times only, no owners.
// Failures are negative errno, as a system call returns them. /proc, /sys and /dev come on top in files.ts.

import { ERRNO } from '../uapi/errno.ts';

export type Node = FileNode | DirNode | LinkNode;

interface Inode {
  readonly ino: number;
  mode: number;
  mtimeNs: number;
}

export interface FileNode extends Inode {
  readonly kind: 'file';
  /** Bytes, in pieces as they were written. */
  chunks: string[];
}

export interface DirNode extends Inode {
  readonly kind: 'dir';
  readonly entries: Map<string, Node>;
}

export interface LinkNode extends Inode {
  readonly kind: 'link';
  readonly target: string;
}

const { ENOENT, EEXIST, ENOTDIR, EISDIR, EINVAL, ELOOP, ENOTEMPTY } = ERRNO;
const mostLinks = 40;

/** Joins and cleans: `..`, `.` and doubled slashes go. */
export function absolute(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export class Tree {
  readonly root: DirNode;
  private nextIno = 2;
  private readonly clock: () => number;

  /** `clock` gives the wall time in ns, for mtime. */
  constructor(clock: () => number) {
    this.clock = clock;
    this.root = { kind: 'dir', ino: 1, mode: 0o755, mtimeNs: clock(), entries: new Map() };
  }

  /** Finds a node; follows links, the last one only if asked to. `path` is absolute. */
  lookup(path: string, follow = true, depth = 0): Node | number {
    let node: Node = this.root;
    let at = '';
    const parts = path.split('/').filter((p) => p !== '');
    for (let i = 0; i < parts.length; i++) {
      if (node.kind !== 'dir') return -ENOTDIR[0];
      const next: Node | undefined = node.entries.get(parts[i]);
      if (next === undefined) return -ENOENT[0];
      const last = i === parts.length - 1;
      if (next.kind === 'link' && (!last || follow)) {
        if (depth === mostLinks) return -ELOOP[0];
        const rest = parts.slice(i + 1).join('/');
        return this.lookup(absolute(at === '' ? '/' : at, `${next.target}/${rest}`), follow, depth + 1);
      }
      node = next;
      at += `/${parts[i]}`;
    }
    return node;
  }

  /** The path with all links followed. */
  realpath(path: string, depth = 0): string | number {
    let at = '';
    const parts = path.split('/').filter((p) => p !== '');
    for (let i = 0; i < parts.length; i++) {
      const node = this.lookup(`${at}/${parts[i]}`, false);
      if (typeof node === 'number') return node;
      if (node.kind === 'link') {
        if (depth === mostLinks) return -ELOOP[0];
        return this.realpath(
          absolute(at === '' ? '/' : at, `${node.target}/${parts.slice(i + 1).join('/')}`),
          depth + 1,
        );
      }
      at += `/${parts[i]}`;
    }
    return at === '' ? '/' : at;
  }

  /** Opens for writing: creates the file, or empties it. */
  open(path: string, truncate: boolean): FileNode | number {
    const found = this.lookup(path);
    if (typeof found !== 'number') {
      if (found.kind !== 'file') return -EISDIR[0];
      if (truncate) this.fill(found, '');
      return found;
    }
    if (found !== -ENOENT[0]) return found;
    const link = this.lookup(path, false);
    if (typeof link !== 'number' && link.kind === 'link')
      return this.open(absolute(dirOf(path), link.target), truncate);
    return this.insert<FileNode>(path, {
      kind: 'file',
      ino: this.nextIno++,
      mode: 0o644,
      mtimeNs: this.clock(),
      chunks: [],
    });
  }

  fill(file: FileNode, bytes: string): void {
    file.chunks = bytes === '' ? [] : [bytes];
    file.mtimeNs = this.clock();
  }

  append(file: FileNode, bytes: string): void {
    if (bytes !== '') file.chunks.push(bytes);
    file.mtimeNs = this.clock();
  }

  text(file: FileNode): string {
    if (file.chunks.length > 1) file.chunks = [file.chunks.join('')];
    return file.chunks[0] ?? '';
  }

  mkdir(path: string, parents = false): number {
    const found = this.lookup(path);
    if (typeof found !== 'number') return parents && found.kind === 'dir' ? 0 : -EEXIST[0];
    if (parents && path !== '/') {
      const above = this.mkdir(dirOf(path), true);
      if (above < 0) return above;
    }
    return this.place(path, {
      kind: 'dir',
      ino: this.nextIno++,
      mode: 0o755,
      mtimeNs: this.clock(),
      entries: new Map(),
    });
  }

  symlink(target: string, path: string): number {
    if (typeof this.lookup(path, false) !== 'number') return -EEXIST[0];
    return this.place(path, { kind: 'link', ino: this.nextIno++, mode: 0o777, mtimeNs: this.clock(), target });
  }

  /** Puts an existing node under another name (hard link, rename). */
  place(path: string, node: Node): number {
    const done = this.insert(path, node);
    return typeof done === 'number' ? done : 0;
  }

  /** Removes a name; directories only when empty, unless `all`. */
  remove(path: string, all = false): number {
    const node = this.lookup(path, false);
    if (typeof node === 'number') return node;
    if (node.kind === 'dir' && node.entries.size > 0 && !all) return -ENOTEMPTY[0];
    const parent = this.lookup(dirOf(path));
    if (typeof parent === 'number' || parent.kind !== 'dir') return -EINVAL[0];
    parent.entries.delete(nameOf(path));
    parent.mtimeNs = this.clock();
    return 0;
  }

  rename(from: string, to: string): number {
    const node = this.lookup(from, false);
    if (typeof node === 'number') return node;
    if (`${to}/`.startsWith(`${from}/`)) return from === to ? 0 : -EINVAL[0];
    const done = this.place(to, node);
    return done < 0 ? done : this.remove(from, true);
  }

  private insert<N extends Node>(path: string, node: N): N | number {
    const parent = this.lookup(dirOf(path));
    if (typeof parent === 'number') return parent;
    if (parent.kind !== 'dir') return -ENOTDIR[0];
    parent.entries.set(nameOf(path), node);
    parent.mtimeNs = this.clock();
    return node;
  }
}

export function dirOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut <= 0 ? '/' : path.slice(0, cut);
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
