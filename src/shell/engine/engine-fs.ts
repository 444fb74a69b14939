// Dresses Files as the file system that the interpreter and its text tools expect: promises, exceptions that begin
// with the errno's name, dates. No state of its own.

import { errnoName, strerror } from '../../uapi/errno.ts';
import type { Files, Stat } from '../files.ts';
import { absolute, type Node, nameOf } from '../tree.ts';
import { WallTime } from '../walltime.ts';
import { fromArray, toArray, toBytes, toText } from './bytes.ts';
import type { IFileSystem } from './justbash.ts';

type FsStat = Awaited<ReturnType<IFileSystem['stat']>>;
type Content = string | Uint8Array;
type Encoding = string | { encoding?: string | null } | undefined;

export function engineFs(files: Files): IFileSystem {
  const { tree } = files;
  const change = (call: string, path: string, operation: (real: string) => number): void =>
    okay(call, path, files.change(path, operation));
  const fs = {
    async readFile(path: string, encoding?: Encoding): Promise<string> {
      const bytes = value('open', path, files.read(path));
      return isBinary(encoding) ? bytes : toText(bytes);
    },
    async readFileBytes(path: string): Promise<string> {
      return value('open', path, files.read(path));
    },
    async readFileBuffer(path: string): Promise<Uint8Array> {
      return toArray(value('open', path, files.read(path)));
    },
    async writeFile(path: string, content: Content, encoding?: Encoding): Promise<void> {
      okay('open', path, files.write(path, bytesOf(content, encoding), false));
    },
    async appendFile(path: string, content: Content, encoding?: Encoding): Promise<void> {
      okay('open', path, files.write(path, bytesOf(content, encoding), true));
    },
    async exists(path: string): Promise<boolean> {
      return typeof files.stat(path) !== 'number';
    },
    async stat(path: string): Promise<FsStat> {
      return statOf(value('stat', path, files.stat(path)));
    },
    async lstat(path: string): Promise<FsStat> {
      return statOf(value('lstat', path, files.stat(path, false)));
    },
    async mkdir(path: string, options?: { recursive?: boolean }): Promise<void> {
      change('mkdir', path, (real) => tree.mkdir(real, options?.recursive === true));
    },
    async readdir(path: string): Promise<string[]> {
      return value('scandir', path, files.list(path));
    },
    async readdirWithFileTypes(path: string) {
      return value('scandir', path, files.list(path)).map((name) => {
        const stat = files.stat(`${path}/${name}`, false);
        const kind = typeof stat === 'number' ? 'file' : stat.kind;
        return {
          name,
          isFile: kind === 'file' || kind === 'char',
          isDirectory: kind === 'dir',
          isSymbolicLink: kind === 'link',
        };
      });
    },
    async rm(path: string, options?: { recursive?: boolean; force?: boolean }): Promise<void> {
      const done = files.change(path, (real) => tree.remove(real, options?.recursive === true));
      if (!(options?.force === true && done === -2)) okay('rm', path, done);
    },
    async cp(from: string, to: string, options?: { recursive?: boolean }): Promise<void> {
      const stat = value('cp', from, files.stat(from));
      if (stat.kind !== 'dir') return okay('cp', to, files.write(to, value('cp', from, files.read(from)), false));
      if (options?.recursive !== true) return okay('cp', from, -21);
      change('mkdir', to, (real) => tree.mkdir(real, true));
      for (const name of value('scandir', from, files.list(from)))
        await fs.cp(`${from}/${name}`, `${to}/${name}`, options);
    },
    async mv(from: string, to: string): Promise<void> {
      change('rename', from, (realFrom) => files.change(to, (realTo) => tree.rename(realFrom, realTo)));
    },
    resolvePath: absolute,
    getAllPaths(): string[] {
      const paths: string[] = [];
      walk('', tree.root, paths);
      return paths;
    },
    async chmod(path: string, mode: number): Promise<void> {
      change('chmod', path, (real) => {
        const node = tree.lookup(real);
        if (typeof node === 'number') return node;
        node.mode = mode;
        return 0;
      });
    },
    async symlink(target: string, path: string): Promise<void> {
      change('symlink', path, (real) => tree.symlink(target, real));
    },
    async link(from: string, to: string): Promise<void> {
      change('link', to, (real) => {
        const node = tree.lookup(from);
        return typeof node === 'number' ? node : tree.place(real, node);
      });
    },
    async readlink(path: string): Promise<string> {
      const stat = value('readlink', path, files.stat(path, false));
      if (stat.kind !== 'link') okay('readlink', path, -22);
      return stat.target;
    },
    async realpath(path: string): Promise<string> {
      return value('realpath', path, files.realpath(path));
    },
    async utimes(path: string, _atime: unknown, mtime: { getTime(): number }): Promise<void> {
      change('utimes', path, (real) => {
        const node = tree.lookup(real);
        if (typeof node === 'number') return node;
        node.mtimeNs = mtime.getTime() * 1e6;
        return 0;
      });
    },
  };
  return fs as unknown as IFileSystem;
}

function walk(path: string, node: Node, paths: string[]): void {
  paths.push(path === '' ? '/' : path);
  if (node.kind === 'dir') for (const [name, child] of node.entries) walk(`${path}/${name}`, child, paths);
}

function isBinary(encoding: Encoding): boolean {
  const name = typeof encoding === 'string' ? encoding : encoding?.encoding;
  return name === 'binary' || name === 'latin1';
}

function bytesOf(content: Content, encoding: Encoding): string {
  if (typeof content !== 'string') return fromArray(content);
  return isBinary(encoding) ? content : toBytes(content);
}

/** The interpreter tells errors apart by their first word. */
function okay(call: string, path: string, done: number): void {
  if (done >= 0) return;
  const words = strerror(-done).toLowerCase();
  throw new Error(`${errnoName(-done) ?? 'EIO'}: ${words}, ${call} '${nameOf(path) === '' ? '/' : path}'`);
}

function value<T>(call: string, path: string, result: T | number): T {
  if (typeof result === 'number') okay(call, path, result);
  return result as T;
}

function statOf(stat: Stat): FsStat {
  const mtime = new WallTime(stat.mtimeNs);
  const identity = stat.ino === 0 ? undefined : `ino:${stat.ino}`;
  return {
    isFile: stat.kind === 'file' || stat.kind === 'char',
    isDirectory: stat.kind === 'dir',
    isSymbolicLink: stat.kind === 'link',
    mode: stat.mode,
    size: stat.size,
    mtime,
    ...(identity === undefined ? {} : { identity }),
  } as unknown as FsStat;
}
