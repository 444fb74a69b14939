// A small read-mostly tree of computed files, the form in which the model shows /proc and /sys. A directory lists its
// entries anew each time; a file computes its text when it is read. Failures are negative errnos. No state of its own.

export interface VFile {
  read: (() => string | number) | null;
  write: ((text: string) => number) | null;
}

export interface VDir {
  list(): string[];
  entry(name: string): VNode | null;
}

export type VNode = { file: VFile } | { dir: VDir };

const ENOENT = 2;
const EACCES = 13;
const ENOTDIR = 20;
const EISDIR = 21;

/** A read-only file. */
export const text = (read: () => string | number): VNode => ({ file: { read, write: null } });

/** A file that can be written as well. */
export const knob = (read: () => string | number, write: (text: string) => number): VNode => ({
  file: { read, write },
});

/** A directory with a fixed set of entries. */
export function folder(entries: ReadonlyMap<string, VNode> | Record<string, VNode>): VNode {
  const map = entries instanceof Map ? entries : new Map(Object.entries(entries));
  return { dir: { list: () => [...map.keys()], entry: (name) => map.get(name) ?? null } };
}

/** A directory whose entries are looked up when asked for. */
export const lookup = (list: () => string[], entry: (name: string) => VNode | null): VNode => ({
  dir: { list, entry },
});

/** Follows a path from `root`; -errno when a part is missing. */
export function walk(root: VNode, path: string): VNode | number {
  let node = root;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (!('dir' in node)) return -ENOTDIR;
    const next = node.dir.entry(part);
    if (next === null) return -ENOENT;
    node = next;
  }
  return node;
}

export function readNode(root: VNode, path: string): string | number {
  const node = walk(root, path);
  if (typeof node === 'number') return node;
  if ('dir' in node) return -EISDIR;
  return node.file.read === null ? -EACCES : node.file.read();
}

export function writeNode(root: VNode, path: string, value: string): number {
  const node = walk(root, path);
  if (typeof node === 'number') return node;
  if ('dir' in node) return -EISDIR;
  return node.file.write === null ? -EACCES : node.file.write(value);
}

export function listNode(root: VNode, path: string): string[] | number {
  const node = walk(root, path);
  if (typeof node === 'number') return node;
  return 'dir' in node ? node.dir.list() : -ENOTDIR;
}
