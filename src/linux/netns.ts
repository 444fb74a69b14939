// Network namespaces of this machine. Entering one concerns a single thread and lasts for one synchronous call: no await
// and no new thread inside it. Linux: setns(2), unshare(2), ip-netns(8).

import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { errnoName } from '../uapi/errno.ts';
import { CLONE_NEWNET, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED, O_NONBLOCK, O_RDONLY, type Sys } from './sys.ts';

/** Where `ip netns` keeps the names. */
export const NETNS_DIR = '/run/netns';
/** Magic number of the file system that namespaces are files of. */
const NSFS_MAGIC = 0x6e_73_66_73;
const EEXIST = 17;
const ENOENT = 2;
const EINVAL = 22;

/**
 * The mode of the file under a name until a namespace is bound over it, and again when it is not any more: one that is seen is
 * what a lowerdev left that was killed in between. `ip netns` makes its own without the sticky bit.
 */
const OURS = 0o1000;

/** A namespace that is held open. */
export class LinuxNs {
  readonly fd: number;
  /** As `ls -L /proc/PID/ns/net` shows it: the same number is the same namespace. */
  readonly inode: number;
  /** How it was found: a name, a path. */
  readonly label: string;

  constructor(fd: number, inode: number, label: string) {
    this.fd = fd;
    this.inode = inode;
    this.label = label;
  }
}

export class Namespaces {
  readonly #sys: Sys;
  /** The one that this process was started in. */
  readonly own: LinuxNs;

  constructor(sys: Sys) {
    this.#sys = sys;
    this.own = this.open('/proc/thread-self/ns/net', '');
  }

  /** By path. Throws an error with the path and the errno. What is no namespace is not even opened: a FIFO would wait. */
  open(path: string, label = path): LinuxNs {
    if (isNamespaceFile(path) === false) throw cannotEnter(label, -EINVAL);
    const fd = this.#sys.open(path, O_RDONLY | O_NONBLOCK);
    if (fd < 0) throw new Error(`${path}: ${errnoName(-fd) ?? -fd}`);
    if (isNamespaceFile(`/proc/self/fd/${fd}`) === false) {
      this.#sys.close(fd);
      throw cannotEnter(label, -EINVAL);
    }
    return new LinuxNs(fd, fstatSync(fd).ino, label);
  }

  /** By the name that `ip netns` gave it; null when there is none. */
  named(name: string): LinuxNs | null {
    const path = `${NETNS_DIR}/${name}`;
    return existsSync(path) && !isLeftover(path) ? this.open(path, name) : null;
  }

  close(ns: LinuxNs): void {
    if (ns !== this.own) this.#sys.close(ns.fd);
  }

  /** Runs `body` in it. `body` must not wait. */
  inside<T>(ns: LinuxNs, body: () => T): T {
    if (ns === this.own) return body();
    this.#enter(ns);
    try {
      return body();
    } finally {
      this.#enter(this.own);
    }
  }

  /** A new one, without a name. It lives while it is held open. */
  create(): LinuxNs {
    const rc = this.#sys.unshare(CLONE_NEWNET);
    if (rc < 0) throw new Error(`cannot make a network namespace: ${errnoName(-rc) ?? -rc}`);
    try {
      return this.open('/proc/thread-self/ns/net', '');
    } finally {
      this.#enter(this.own);
    }
  }

  /** Gives it a name that `ip netns` knows. 0 or -errno. */
  bind(name: string, ns: LinuxNs): number {
    shareDirectory(this.#sys);
    const path = `${NETNS_DIR}/${name}`;
    if (isLeftover(path)) rmSync(path);
    try {
      closeSync(openSync(path, 'wx', OURS));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EEXIST' ? -EEXIST : (error as { errno: number }).errno;
    }
    const rc = this.pin(ns, path);
    if (rc < 0) rmSync(path);
    return rc;
  }

  /** Binds it over a file that is there, so that it lives without a process. 0 or -errno. */
  pin(ns: LinuxNs, path: string): number {
    return this.#sys.mount(`/proc/self/fd/${ns.fd}`, path, 'none', MS_BIND);
  }

  /** Files that a killed lowerdev left under names. */
  leftovers(): string[] {
    return this.#files().filter((name) => isLeftover(`${NETNS_DIR}/${name}`));
  }

  /** Removes them. Nobody of ours may be at work meanwhile. */
  sweep(): string[] {
    const left = this.leftovers();
    for (const name of left) rmSync(`${NETNS_DIR}/${name}`);
    return left;
  }

  /** Takes the name away; the namespace ends when nobody else holds it. 0 or -errno. */
  unbind(name: string): number {
    const path = `${NETNS_DIR}/${name}`;
    if (!existsSync(path)) return -ENOENT;
    this.#sys.umount(path, MNT_DETACH);
    rmSync(path);
    return 0;
  }

  names(): string[] {
    return this.#files().filter((name) => !isLeftover(`${NETNS_DIR}/${name}`));
  }

  #files(): string[] {
    return existsSync(NETNS_DIR) ? readdirSync(NETNS_DIR) : [];
  }

  #enter(ns: LinuxNs): void {
    const rc = this.#sys.setns(ns.fd, CLONE_NEWNET);
    if (rc < 0) throw cannotEnter(ns.label, rc);
  }
}

function cannotEnter(label: string, rc: number): Error {
  return new Error(`cannot enter the network namespace ${label}: ${errnoName(-rc) ?? -rc}`);
}

/** Null: it cannot be told; opening it says why. */
export function isNamespaceFile(path: string): boolean | null {
  try {
    return statfsSync(path).type === NSFS_MAGIC;
  } catch {
    return null;
  }
}

function isLeftover(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && stat.size === 0 && (stat.mode & 0o7777) === OURS;
}

/** Namespaces that are bound there have to be seen in other mount namespaces too, as `ip netns add` sees to. */
function shareDirectory(sys: Sys): void {
  if (!existsSync(NETNS_DIR)) mkdirSync(NETNS_DIR, { mode: 0o755 }); // `recursive` says ENOENT of a read-only /run
  if (sys.mount('', NETNS_DIR, 'none', MS_SHARED | MS_REC) === 0) return;
  sys.mount(NETNS_DIR, NETNS_DIR, 'none', MS_BIND | MS_REC);
  sys.mount('', NETNS_DIR, 'none', MS_SHARED | MS_REC);
}
