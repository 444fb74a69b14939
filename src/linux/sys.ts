// System calls from Node, through koffi: the few that netlink, packet sockets and namespaces need. A failure is a negative
// errno, as the kernel returns it. Loaded when the Linux arm is first used; koffi is an optional package.

/** What was asked for, and what a caller with this machine's limits can do about it. */
export class NoLinux extends Error {}

export const O_RDONLY = 0;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const CLONE_NEWNS = 0x00020000;
export const CLONE_NEWNET = 0x40000000;
export const MS_BIND = 0x1000;
export const MS_REC = 0x4000;
export const MS_SHARED = 0x100000;
export const MNT_DETACH = 2;
export const MSG_TRUNC = 0x20;
export const MSG_DONTWAIT = 0x40;
export const LOCK_EX = 2;
export const LOCK_NB = 4;
export const LOCK_UN = 8;

type Calls = Record<keyof typeof prototypes, (...args: unknown[]) => number>;

const prototypes = {
  socket: 'int socket(int domain, int type, int protocol)',
  bind: 'int bind(int fd, const uint8_t *addr, uint32_t len)',
  connect: 'int connect(int fd, const uint8_t *addr, uint32_t len)',
  getsockname: 'int getsockname(int fd, _Out_ uint8_t *addr, _Inout_ uint32_t *len)',
  setsockopt: 'int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t len)',
  getsockopt: 'int getsockopt(int fd, int level, int name, _Out_ uint8_t *value, _Inout_ uint32_t *len)',
  send: 'long send(int fd, const uint8_t *data, size_t len, int flags)',
  sendto: 'long sendto(int fd, const uint8_t *data, size_t len, int flags, const uint8_t *addr, uint32_t addrlen)',
  recv: 'long recv(int fd, _Out_ uint8_t *data, size_t len, int flags)',
  recvfrom:
    'long recvfrom(int fd, _Out_ uint8_t *data, size_t len, int flags, _Out_ uint8_t *addr, _Inout_ uint32_t *alen)',
  recvmsg: 'long recvmsg(int fd, void *msg, int flags)',
  open: 'int open(const char *path, int flags, uint32_t mode)',
  close: 'int close(int fd)',
  setns: 'int setns(int fd, int type)',
  unshare: 'int unshare(int flags)',
  mount: 'int mount(const char *from, const char *to, const char *type, unsigned long flags, const char *data)',
  umount2: 'int umount2(const char *target, int flags)',
  flock: 'int flock(int fd, int operation)',
  ioctl: 'int ioctl(int fd, unsigned long request, _Inout_ uint8_t *arg)',
} as const;

/** Bytes outside of JavaScript's heap. */
export interface NativeBytes {
  readonly pointer: unknown;
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

export class Sys {
  readonly #calls: Calls;
  readonly #errno: () => number;
  /** For lengths that go in and come out. */
  readonly #length = new Uint32Array(1);
  readonly #native: (bytes: number) => NativeBytes;

  constructor(calls: Calls, errno: () => number, native: (bytes: number) => NativeBytes) {
    this.#calls = calls;
    this.#errno = errno;
    this.#native = native;
  }

  /** Memory that stays where it is, for calls whose arguments point at each other. Never freed. */
  native(bytes: number): NativeBytes {
    return this.#native(bytes);
  }

  socket(domain: number, type: number, protocol: number): number {
    return this.#result(this.#calls.socket(domain, type, protocol));
  }

  bind(fd: number, addr: Uint8Array): number {
    return this.#result(this.#calls.bind(fd, addr, addr.length));
  }

  connect(fd: number, addr: Uint8Array): number {
    return this.#result(this.#calls.connect(fd, addr, addr.length));
  }

  /** Fills `addr`; its length. */
  getsockname(fd: number, addr: Uint8Array): number {
    this.#length[0] = addr.length;
    return this.#result(this.#calls.getsockname(fd, addr, this.#length)) || this.#length[0];
  }

  setsockopt(fd: number, level: number, name: number, value: Uint8Array | number): number {
    const bytes = typeof value === 'number' ? int32(value) : value;
    return this.#result(this.#calls.setsockopt(fd, level, name, bytes, bytes.length));
  }

  /** Fills `value`; its length. */
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number {
    this.#length[0] = value.length;
    return this.#result(this.#calls.getsockopt(fd, level, name, value, this.#length)) || this.#length[0];
  }

  send(fd: number, data: Uint8Array, flags: number): number {
    return this.#result(this.#calls.send(fd, data, data.length, flags));
  }

  sendTo(fd: number, data: Uint8Array, flags: number, addr: Uint8Array): number {
    return this.#result(this.#calls.sendto(fd, data, data.length, flags, addr, addr.length));
  }

  /** Bytes received. With MSG_TRUNC in `flags` it may be more than `into` holds. */
  recv(fd: number, into: Uint8Array, flags: number): number {
    return this.#result(this.#calls.recv(fd, into, into.length, flags));
  }

  recvFrom(fd: number, into: Uint8Array, flags: number, addr: Uint8Array): number {
    this.#length[0] = addr.length;
    return this.#result(this.#calls.recvfrom(fd, into, into.length, flags, addr, this.#length));
  }

  /** `msg`: a struct msghdr. */
  recvMsg(fd: number, msg: NativeBytes, flags: number): number {
    return this.#result(this.#calls.recvmsg(fd, msg.pointer, flags));
  }

  open(path: string, flags: number, mode = 0): number {
    return this.#result(this.#calls.open(path, flags | O_CLOEXEC, mode));
  }

  close(fd: number): number {
    return this.#result(this.#calls.close(fd));
  }

  /** Of this thread alone. */
  setns(fd: number, type: number): number {
    return this.#result(this.#calls.setns(fd, type));
  }

  unshare(flags: number): number {
    return this.#result(this.#calls.unshare(flags));
  }

  mount(from: string, to: string, type: string, flags: number): number {
    return this.#result(this.#calls.mount(from, to, type, flags, null));
  }

  umount(target: string, flags: number): number {
    return this.#result(this.#calls.umount2(target, flags));
  }

  flock(fd: number, operation: number): number {
    return this.#result(this.#calls.flock(fd, operation));
  }

  ioctl(fd: number, request: number, arg: Uint8Array): number {
    return this.#result(this.#calls.ioctl(fd, request, arg));
  }

  #result(value: number): number {
    return value < 0 ? -this.#errno() : value;
  }
}

function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

let opened: Promise<Sys> | null = null;

/** The system calls of this machine. Throws NoLinux where there are none. */
export function openSys(): Promise<Sys> {
  opened ??= load();
  return opened;
}

async function load(): Promise<Sys> {
  if (process.platform !== 'linux') throw new NoLinux(`this is ${process.platform}: only the model runs here`);
  const { default: koffi } = await import('koffi').catch((error: Error) => {
    throw new NoLinux(`the package koffi is missing, which calls the kernel (npm install koffi): ${error.message}`);
  });
  const libc = koffi.load(null);
  const calls = Object.fromEntries(
    Object.entries(prototypes).map(([name, prototype]) => [name, libc.func(prototype)]),
  ) as unknown as Calls;
  const native = (bytes: number): NativeBytes => {
    const pointer = koffi.alloc('uint8_t', bytes);
    return { pointer, address: koffi.address(pointer), bytes: new Uint8Array(koffi.view(pointer, bytes)) };
  };
  return new Sys(calls, () => koffi.errno(), native);
}
