// The kernel that a lab is applied to, and the namespaces and netlink sockets that are held while it is. The model's Os and
// Linux' own (linux/linux-os.ts) both are such a kernel.

import { NlClient } from '../../netlink/client.ts';
import { familyOf } from '../../netlink/genl.ts';
import type { NlTransport } from '../../netlink/transport.ts';
import type { NetnsRef } from '../file/lab.ts';
import type { NsRef, Os } from '../os.ts';

const ENOENT = 2;

type Calls =
  | 'nsCreate'
  | 'nsBind'
  | 'nsUnbind'
  | 'nsNames'
  | 'nsByName'
  | 'nsOpen'
  | 'nsClose'
  | 'nsHold'
  | 'nsRelease'
  | 'netlink'
  | 'readFile'
  | 'writeFile';

/** The system calls that applying a lab takes. */
export interface LabKernel extends Pick<Os, Calls> {
  /** The namespace that the lab calls `host`. */
  readonly initNs: NsRef;
  /** /proc/PID/ns/net and bound files; null: there is none. Absent: this kernel has no such paths. */
  nsByPath?(path: string): NsRef | null;
  /** Datagrams over a socket each, at once. Absent: one after the other is as quick. */
  sendTogether?(sendings: readonly { readonly transport: NlTransport; readonly datagram: Uint8Array }[]): void;
}

/** A namespace that is held open. */
export interface Place {
  readonly ns: NsRef;
  readonly client: NlClient;
  /** For IFLA_NET_NS_FD. */
  readonly fd: number;
  /** ifindex by name, as far as it was asked for. */
  readonly indices: Map<string, number>;
  /** The highest one that was seen or given out; 0: nobody has looked. */
  lastIndex: number;
}

export const HOST: NetnsRef = { kind: 'host' };

/** How people and messages call a namespace: '' for the host's. */
export function placeName(ref: NetnsRef): string {
  if (ref.kind === 'host') return '';
  return ref.kind === 'name' ? ref.name : pathOf(ref);
}

/** `blue/eth0`; in the host's namespace `eth0`. */
export function deviceName(ref: NetnsRef, ifname: string): string {
  return ref.kind === 'host' ? ifname : `${placeName(ref)}/${ifname}`;
}

function pathOf(ref: { kind: 'pid'; pid: number } | { kind: 'path'; path: string }): string {
  return ref.kind === 'pid' ? `/proc/${ref.pid}/ns/net` : ref.path;
}

export class Access {
  readonly kernel: LabKernel;
  readonly host: Place;
  readonly #byInode = new Map<number, Place>();
  readonly #byName = new Map<string, Place>();
  readonly #nameless = new Map<string, Place>();
  #genl: { client: NlClient; ethtool: number } | null = null;

  constructor(kernel: LabKernel) {
    this.kernel = kernel;
    kernel.nsHold(kernel.initNs);
    this.host = this.#place(kernel.initNs);
    this.#byName.set('', this.host);
  }

  /** Null: there is no such namespace. Throws an error that names a place which this kernel cannot know. */
  find(ref: NetnsRef): Place | null {
    const name = placeName(ref);
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const ns = this.#lookUp(ref);
    if (ns === null) return null;
    this.kernel.nsHold(ns);
    return this.#keep(name, ns);
  }

  /** One that has to be there. */
  at(ref: NetnsRef): Place {
    const place = this.find(ref);
    if (place === null) throw new Error(`there is no namespace ${placeName(ref)}`);
    return place;
  }

  /** A new one that has no name yet; nameIt() gives it one. */
  create(): Place {
    const ns = this.kernel.nsCreate();
    this.kernel.nsHold(ns);
    return this.#place(ns);
  }

  /** 0 or -errno. */
  nameIt(name: string, place: Place): number {
    const rc = this.kernel.nsBind(name, place.ns);
    if (rc === 0) this.#byName.set(name, place);
    return rc;
  }

  /** The name goes; the namespace is held until close(), so that it can have its name back. 0 or -errno. */
  unname(name: string): number {
    const place = this.#byName.get(name);
    const rc = this.kernel.nsUnbind(name);
    if (rc === 0 && place !== undefined) this.#nameless.set(name, place);
    if (rc === 0) this.#byName.delete(name);
    return rc;
  }

  /** What unname() took away comes back. 0 or -errno. */
  nameAgain(name: string): number {
    const place = this.#nameless.get(name);
    return place === undefined ? -ENOENT : this.nameIt(name, place);
  }

  /** Generic netlink in the host's namespace, and ethtool's number there. */
  get ethtool(): { client: NlClient; ethtool: number } {
    if (this.#genl === null) {
      const client = new NlClient(this.kernel.netlink(this.host.ns, 16));
      try {
        this.#genl = { client, ethtool: familyOf(client, 'ethtool').familyId ?? 0 };
      } catch (error) {
        client.close();
        throw error;
      }
    }
    return this.#genl;
  }

  close(): void {
    this.#genl?.client.close();
    for (const place of this.#byInode.values()) {
      place.client.close();
      this.kernel.nsClose(place.fd);
      this.kernel.nsRelease(place.ns);
    }
    this.#byInode.clear();
    this.#byName.clear();
  }

  #lookUp(ref: NetnsRef): NsRef | null {
    if (ref.kind === 'host') return this.kernel.initNs;
    if (ref.kind === 'name') return this.kernel.nsByName(ref.name);
    if (this.kernel.nsByPath === undefined) {
      throw new Error(`this kernel has no processes and files to take the namespace ${pathOf(ref)} from`);
    }
    return this.kernel.nsByPath(pathOf(ref));
  }

  /** One place a namespace, whatever it is called. */
  #keep(name: string, ns: NsRef): Place {
    const known = this.#byInode.get(ns.inode);
    if (known !== undefined) this.kernel.nsRelease(ns);
    const place = known ?? this.#place(ns);
    this.#byName.set(name, place);
    return place;
  }

  /** One that cannot be entered is let go. */
  #place(ns: NsRef): Place {
    let client: NlClient | null = null;
    try {
      client = new NlClient(this.kernel.netlink(ns, 0));
      const place = { ns, client, fd: this.kernel.nsOpen(ns), indices: new Map<string, number>(), lastIndex: 0 };
      this.#byInode.set(ns.inode, place);
      return place;
    } catch (error) {
      client?.close();
      this.kernel.nsRelease(ns);
      throw error;
    }
  }
}
