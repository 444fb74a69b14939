// A sandbox inside this process: a host's namespace with a machine's NICs, and names for namespaces that only it knows. For
// whoever may make namespaces; nothing of the machine is seen or touched. It ends with close(), or with the process.

import type { Machine } from '../../lab/machine.ts';
import type { NlProtocol, NsRef, SocketKind } from '../../lab/os.ts';
import type { LinuxOs } from '../linux-os.ts';
import type { LinuxNs } from '../netns.ts';
import { buildMachine } from './build.ts';

const ENOENT = 2;
const EEXIST = 17;

export interface OpenSandbox {
  /** Its initNs is the sandbox's host. */
  readonly os: SandboxOs;
  /** The namespaces of the machine's peers and switches. */
  readonly hidden: ReadonlyMap<string, NsRef>;
  close(): void;
}

/** Throws where namespaces cannot be made, and NlError. `seed`: of addresses that the machine does not give. */
export function openSandbox(linux: LinuxOs, machine: Machine, seed = 1): OpenSandbox {
  const os = new SandboxOs(linux);
  try {
    const hidden = buildMachine(linux, os.initNs, machine, seed);
    os.hidden = hidden;
    for (const ns of hidden.values()) os.nsHold(ns); // whoever looks in and leaves again does not end them
    return { os, hidden, close: () => os.close() };
  } catch (error) {
    os.close();
    throw error;
  }
}

/** LinuxOs with another host and names of its own. A namespace ends with its last hold. */
export class SandboxOs {
  readonly linux: LinuxOs;
  readonly initNs: LinuxNs;
  readonly execNs = 0;
  /** The namespaces of the machine's peers and switches. */
  hidden: ReadonlyMap<string, LinuxNs> = new Map();
  readonly #names = new Map<string, LinuxNs>();
  readonly #holds = new Map<NsRef, number>();

  constructor(linux: LinuxOs) {
    this.linux = linux;
    this.initNs = linux.nsCreate();
    this.nsHold(this.initNs);
  }

  nowNs = (): number => this.linux.nowNs();
  wallNs = (): number => this.linux.wallNs();
  pause = (ns: number): Promise<void> => this.linux.pause(ns);
  nsOfPeer = (name: string): NsRef | null => this.hidden.get(name) ?? null;
  nsCreate = (): LinuxNs => this.linux.nsCreate();
  nsNames = (): string[] => [...this.#names.keys()];
  nsByName = (name: string): LinuxNs | null => this.#names.get(name) ?? null;
  nsOpen = (ns: NsRef): number => this.linux.nsOpen(ns);
  nsClose = (): void => {};
  netlink = (ns: NsRef, protocol: NlProtocol) => this.linux.netlink(ns, protocol);
  sendTogether: LinuxOs['sendTogether'] = (sendings) => this.linux.sendTogether(sendings);
  socket = (ns: NsRef, kind: SocketKind, protocol: number) => this.linux.socket(ns, kind, protocol);
  readFile = (ns: NsRef, path: string) => this.linux.readFile(ns, path);
  writeFile = (ns: NsRef, path: string, text: string) => this.linux.writeFile(ns, path, text);
  listDir = (ns: NsRef, path: string) => this.linux.listDir(ns, path);

  nsBind(name: string, ns: NsRef): number {
    if (this.#names.has(name)) return -EEXIST;
    this.#names.set(name, ns as LinuxNs);
    this.nsHold(ns);
    return 0;
  }

  nsUnbind(name: string): number {
    const ns = this.#names.get(name);
    if (ns === undefined) return -ENOENT;
    this.#names.delete(name);
    this.nsRelease(ns);
    return 0;
  }

  nsHold(ns: NsRef): void {
    this.#holds.set(ns, (this.#holds.get(ns) ?? 0) + 1);
  }

  nsRelease(ns: NsRef): void {
    const holds = (this.#holds.get(ns) ?? 0) - 1;
    this.#holds.set(ns, holds);
    if (holds === 0) this.linux.nsRelease(ns);
  }

  close(): void {
    for (const name of this.nsNames()) this.nsUnbind(name);
    for (const ns of this.hidden.values()) this.linux.nsRelease(ns);
    this.nsRelease(this.initNs);
  }
}
