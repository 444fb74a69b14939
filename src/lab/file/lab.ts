// A lab: what should exist and what should be reachable. Plain data, already checked: lab-yaml.ts reads it from a file,
// desired.ts says which kernel objects it comes to. docs/lab-file.md describes the file.

import type { Machine } from '../machine.ts';
import { FileError } from '../problems.ts';

export type LabMode = 'private' | 'vepa' | 'bridge' | 'passthru' | 'source';

/** An address of either family as it was written, with its prefix length. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly address: string;
  readonly length: number;
  /** IPv6: it is used at once, without asking whether somebody has it. */
  readonly nodad?: true;
}

/** Of IPv6 on a network's macvlans: net.ipv6.conf.DEV.*, and how their link-local address comes about. Absent: the kernel's. */
export interface Ipv6Settings {
  readonly acceptRa?: number;
  readonly autoconf?: number;
  readonly acceptDad?: number;
  readonly addrGenMode?: 'eui64' | 'none' | 'random';
}

export interface LabRoute {
  /** null: default. */
  readonly to: Prefix | null;
  /** null: on the link. */
  readonly via: string | null;
}

/** Where an endpoint lives. `name` is made when it is missing, and removed with the lab; the others have to be there. */
export type NetnsRef =
  | { readonly kind: 'host' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'path'; readonly path: string };

/** What a device is told beside addresses. */
export interface DeviceTraits {
  /** IFF_PROMISC, IFF_ALLMULTI and the contrary of IFF_NOARP; null: left as it is. */
  readonly promisc: boolean | null;
  readonly allmulti: boolean | null;
  readonly arp: boolean | null;
  /** Other names of the device; null: left as they are. */
  readonly altnames: readonly string[] | null;
}

/** A macvlan in the host's own namespace, through which the host reaches the others. */
export interface HostShim extends DeviceTraits {
  readonly device: string;
  readonly addresses: readonly Prefix[];
  readonly routes: readonly LabRoute[];
}

export interface LabNetwork {
  readonly name: string;
  /** The device that the macvlans stand on; with `vlan`, what the VLAN device stands on. */
  readonly lower: string;
  readonly mode: LabMode;
  readonly vlan: number | null;
  readonly mtu: number | null;
  /** Whether the NIC is asked to forward for them; null: left as it is. */
  readonly offload: boolean | null;
  readonly hostShim: HostShim | null;
  /** `stable`: from the names of lab and endpoint; `random`: the kernel's choice. */
  readonly macs: 'stable' | 'random';
  /** Transmit and receive queues of each; null: one. */
  readonly queues: number | null;
  /** txqueuelen; null: 1000. */
  readonly txQueueLen: number | null;
  readonly bcQueueLen: number | null;
  readonly bcCutoff: number | null;
  readonly nopromisc: boolean;
  readonly nodst: boolean;
  readonly ipv6: boolean;
  readonly ipv6Settings: Ipv6Settings;
}

export interface LabEndpoint extends DeviceTraits {
  readonly name: string;
  readonly network: string;
  readonly kind: 'macvlan' | 'macvtap';
  readonly netns: NetnsRef;
  readonly device: string;
  /** null: the network's policy. */
  readonly mac: number | null;
  readonly addresses: readonly Prefix[];
  readonly routes: readonly LabRoute[];
  /** Source mode: whom it hears. MAC keys. */
  readonly sources: readonly number[];
}

/** What goes from one to the other. */
export type Traffic = 'ipv4' | 'ipv6' | 'broadcast' | 'multicast';

export interface Expectation {
  /** An endpoint, a peer of the machine, or `host`. */
  readonly from: string;
  readonly to: string;
  readonly traffic: Traffic;
  readonly reach: boolean;
}

export interface Lab {
  readonly name: string;
  /** For the model and the sandbox; null: what the host has. */
  readonly machine: Machine | null;
  readonly networks: readonly LabNetwork[];
  readonly endpoints: readonly LabEndpoint[];
  readonly expect: readonly Expectation[];
}

/** A lab file that is not right. */
export class LabError extends FileError {
  override readonly name = 'LabError';
}
