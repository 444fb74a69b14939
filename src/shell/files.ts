// The file system as one process sees it: the tree in memory, with /proc, /sys, /dev and /run/netns of the kernel
// mounted over it, in that process's network namespace. Synchronous core; engine-fs.ts dresses it for the interpreter.
// The user's own files are not here, and nothing leads to them.

import type { NsRef, Os } from '../lab/os.ts';
import { ERRNO } from '../uapi/errno.ts';
import { toBytes, toText } from './engine/bytes.ts';
import type { FileNode, Node } from './tree.ts';
import { absolute, dirOf, type Tree } from './tree.ts';

const { ENOENT, EISDIR, EACCES, EPERM, EROFS } = ERRNO;
const netnsDir = '/run/netns';
/** Devices of /dev that a script may name, besides the standard streams. */
const devices = ['null', 'zero', 'full', 'tty', 'urandom', 'random', 'stdin', 'stdout', 'stderr'];

export interface Stat {
  kind: 'file' | 'dir' | 'link' | 'char';
  mode: number;
  size: number;
  mtimeNs: number;
  ino: number;
  target: string;
}

export class Files {
  readonly tree: Tree;
  private readonly os: Os;
  private readonly ns: () => NsRef;

  constructor(tree: Tree, os: Os, ns: () => NsRef) {
    this.tree = tree;
    this.os = os;
    this.ns = ns;
  }

  /** The whole file as bytes, or -errno. */
  read(path: string): string | number {
    const real = this.resolve(path);
    if (isKernel(real)) {
      const text = this.os.readFile(this.ns(), real);
      return typeof text === 'number' ? text : toBytes(text);
    }
    if (isDevice(real)) return this.readDevice(real);
    const node = this.tree.lookup(real);
    if (typeof node === 'number') return real.startsWith(`${netnsDir}/`) && this.isNetns(real) ? '' : node;
    return node.kind === 'file' ? this.tree.text(node) : -EISDIR[0];
  }

  /** Replaces or extends a file: 0 or -errno. */
  write(path: string, bytes: string, append: boolean): number {
    const real = this.resolve(path);
    if (isKernel(real)) return this.os.writeFile(this.ns(), real, toText(bytes));
    if (isDevice(real)) return real === '/dev/full' ? -ERRNO.ENOSPC[0] : 0;
    const file = this.tree.open(real, !append);
    if (typeof file === 'number') return file;
    this.tree.append(file, bytes);
    return 0;
  }

  /** Opens for writing. A kernel file has no node: `null`, to be written with write(). */
  openForWrite(path: string, truncate: boolean): FileNode | null | number {
    const real = this.resolve(path);
    if (isKernel(real) || isDevice(real)) {
      const stat = this.stat(real);
      if (typeof stat === 'number') return real.startsWith('/sys/') && stat === -ENOENT[0] ? -EACCES[0] : stat;
      return stat.kind === 'dir' ? -EISDIR[0] : null;
    }
    return this.tree.open(real, truncate);
  }

  stat(path: string, follow = true): Stat | number {
    const real = follow ? this.resolve(path) : path;
    if (isKernel(real)) return this.statKernel(real);
    if (isDevice(real)) return special('char', 0o666);
    if (real.startsWith(`${netnsDir}/`)) return this.isNetns(real) ? special('file', 0o444) : -ENOENT[0];
    const node = this.tree.lookup(real, follow);
    return typeof node === 'number' ? node : ofNode(node, this.tree);
  }

  list(path: string): string[] | number {
    const real = this.resolve(path);
    if (isKernel(real)) return this.os.listDir(this.ns(), real);
    const node = this.tree.lookup(real);
    if (typeof node === 'number') return node;
    if (node.kind !== 'dir') return -ERRNO.ENOTDIR[0];
    const names = new Set(node.entries.keys());
    if (real === '/') for (const name of ['proc', 'sys', 'dev']) names.add(name);
    if (real === '/dev') for (const name of devices) names.add(name);
    if (real === netnsDir) for (const name of this.os.nsNames()) names.add(name);
    return [...names].sort((a, b) => (a < b ? -1 : 1));
  }

  /** Runs an operation of the tree unless the path belongs to the kernel. */
  change(path: string, operation: (real: string) => number): number {
    const real = this.resolve(dirOf(path)).replace(/\/$/, '') + path.slice(path.lastIndexOf('/'));
    if (isKernel(real)) return real.startsWith('/sys/') ? -EPERM[0] : -ENOENT[0];
    if (isDevice(real)) return -EROFS[0];
    return operation(real);
  }

  realpath(path: string): string | number {
    const real = this.resolve(path);
    const stat = this.stat(real);
    return typeof stat === 'number' ? stat : real;
  }

  /** Links of the tree followed as far as they lead; what does not exist stays as written. */
  private resolve(path: string): string {
    const clean = absolute('/', path);
    const real = this.tree.realpath(clean);
    if (typeof real === 'string') return real;
    const cut = clean.lastIndexOf('/');
    if (cut <= 0) return clean;
    const above = this.resolve(clean.slice(0, cut));
    return `${above === '/' ? '' : above}${clean.slice(cut)}`;
  }

  private isNetns(path: string): boolean {
    return this.os.nsByName(path.slice(netnsDir.length + 1)) !== null;
  }

  private readDevice(real: string): string {
    const name = real.slice(5);
    if (name === 'zero' || name === 'full' || name === 'random' || name === 'urandom') return '\0'.repeat(65536);
    return '';
  }

  private statKernel(path: string): Stat | number {
    const list = this.os.listDir(this.ns(), path);
    if (typeof list !== 'number') return special('dir', 0o555);
    const text = this.os.readFile(this.ns(), path);
    if (typeof text === 'string') return special('file', 0o644);
    if (text === -ENOENT[0] || text === -ERRNO.ENOTDIR[0]) return text;
    // Only to be written; or present and to be read, only that it fails now (a device that is down refuses some).
    return special('file', text === -EACCES[0] ? 0o200 : 0o644);
  }
}

/** Files that the kernel makes up. */
export function isKernel(path: string): boolean {
  return /^\/(?:proc|sys)(?:\/|$)/.test(path);
}

function isDevice(path: string): boolean {
  return path.startsWith('/dev/') && devices.includes(path.slice(5));
}

function special(kind: 'file' | 'dir' | 'char', mode: number): Stat {
  return { kind, mode, size: 0, mtimeNs: 0, ino: 0, target: '' };
}

function ofNode(node: Node, tree: Tree): Stat {
  const size = node.kind === 'file' ? tree.text(node).length : node.kind === 'link' ? node.target.length : 4096;
  const target = node.kind === 'link' ? node.target : '';
  return { kind: node.kind, mode: node.mode, size, mtimeNs: node.mtimeNs, ino: node.ino, target };
}
