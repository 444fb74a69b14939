// Who listens at an abstract socket: SO_PEERCRED tells process and user, whatever else may be seen of them. Linux: unix(7).

import { readFileSync } from 'node:fs';
import { printable } from '../base/printable.ts';
import { openSys } from './sys.ts';

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** Bytes of sun_path. */
const SUN_PATH = 108;

export interface LockHolder {
  /** 0: in a process namespace that is not seen from here. */
  readonly pid: number;
  readonly uid: number;
  /** Its command line; '' where that is not to be seen. */
  readonly command: string;
}

/** `name`: with its leading zero byte. Null: nobody, or it cannot be told. */
export async function lockHolder(name: string): Promise<LockHolder | null> {
  const sys = await openSys().catch(() => null);
  const fd = sys?.socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) ?? -1;
  if (sys === null || fd < 0) return null;
  try {
    const path = new TextEncoder().encode(name);
    const addr = new Uint8Array(2 + SUN_PATH);
    addr[0] = AF_UNIX;
    addr.set(path, 2);
    // Whether Node fills a name up with zero bytes, which are part of it, depends on its version.
    if (sys.connect(fd, addr) < 0 && sys.connect(fd, addr.subarray(0, 2 + path.length)) < 0) return null;
    const cred = new Int32Array(3); // struct ucred
    if (sys.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(cred.buffer)) < 0) return null;
    return { pid: cred[0], uid: cred[1], command: commandOf(cred[0]) };
  } finally {
    sys.close(fd);
  }
}

function commandOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0$/, '').split('\0').join(' ');
    return printable(words.replace(/\n/g, ' ')).slice(0, 100);
  } catch {
    return '';
  }
}
