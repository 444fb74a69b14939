// What a storm's lab is made of: namespaces, and operations on links as plain data. Links are known by name, and a name
// is unique in a lab, so that operations can be left out (shrink.ts) and the rest still means something: what is asked of
// a link that is not there is refused by both kernels alike.

/** A frame to be sent. `src` null: the sender's own address. */
export interface FrameSpec {
  dst: string;
  src: string | null;
  /** What follows the addresses, in hex: ethertype and payload. */
  rest: string;
  /** Length of the whole frame; the rest is zeros. */
  length: number;
}

export type LinkFlag = 'up' | 'promisc' | 'allmulticast' | 'multicast' | 'arp';

/** Attributes of a bridge port, as `bridge link set` calls them. */
export type PortWord = 'hairpin' | 'learning' | 'flood' | 'mcast_flood' | 'bcast_flood' | 'isolated';

export interface MacvlanWords {
  mode?: number;
  flags?: number;
  bcqueuelen?: number;
  /** More listeners than this: the worker serves them. -1: always. */
  bccutoff?: number;
}

export type Op =
  | { do: 'veth'; dev: string; ns: string; mac: string; peer: string; peerNs: string; peerMac: string; mtu?: number }
  | { do: 'bridge'; dev: string; ns: string; mac?: string }
  | {
      do: 'macvlan';
      kind?: 'macvtap';
      dev: string;
      ns: string;
      on: string;
      mac?: string;
      mtu?: number;
      data: MacvlanWords;
      sources?: string[];
    }
  | { do: 'delete'; dev: string }
  | { do: 'flag'; dev: string; flag: LinkFlag; on: boolean }
  | { do: 'mac'; dev: string; mac: string }
  | { do: 'mtu'; dev: string; mtu: number }
  | { do: 'rename'; dev: string; to: string }
  | { do: 'move'; dev: string; ns: string }
  | { do: 'master'; dev: string; master: string | null }
  | { do: 'change'; dev: string; data: MacvlanWords }
  | { do: 'sources'; dev: string; how: 'add' | 'del' | 'set' | 'flush'; macs: string[] }
  | { do: 'port'; dev: string; word: PortWord; on: boolean }
  | { do: 'fdb'; dev: string; add: boolean; mac: string; to: 'self' | 'master'; static: boolean }
  /** An IPv4 address: whoever has one answers ARP. */
  | { do: 'address'; dev: string; add: boolean; ip: string; prefix: number }
  | { do: 'group'; dev: string; join: boolean; mac: string }
  /** A socket joins or leaves a group of IPv4 or IPv6: reports are sent. */
  | { do: 'member'; dev: string; join: boolean; group: string }
  /** The character device of a macvtap. What it hears while it is open is read after every operation. */
  | { do: 'file'; dev: string; open: boolean }
  | { do: 'write'; dev: string; frames: FrameSpec[] }
  | { do: 'send'; dev: string; frames: FrameSpec[] };

export interface Lab {
  seed: number;
  /** Namespaces in the order in which they are made; the first is the one that is there. */
  spaces: string[];
  /** Does a packet socket watch each namespace? Without one, frames that nobody wants are counted differently. */
  taps: boolean;
  /** IPv6 is on, without what it does at random times: duplicate address detection and router solicitations. */
  ipv6?: boolean;
  ops: Op[];
}

/** What passed a device, what it is now, and what a kernel answered: the record of one operation. */
export interface Step {
  /** 0 or an errno; words if the kernel had some. */
  rc: number;
  words: string;
  /** Frames that taps saw, in order: `dev KIND length head crc`; and what was read of a macvtap's file, KIND is READ. */
  frames: string[];
  /** One line per link: `ns/dev flags oper mtu mac ...`. */
  state: string[];
}

export interface Run {
  steps: Step[];
  /** At the end, by link: every attribute of RTM_GETLINK. */
  links: Record<string, Record<string, unknown>>;
}
