// What ifconfig needs of the kernel, in netlink: the links, their IPv4 addresses, and the ioctls' old semantics
// (one address per label, classful masks). Linux: net/ipv4/devinet.c, devinet_ioctl().

import { NlClient } from '../../../netlink/client.ts';
import { NlError } from '../../../netlink/error.ts';
import { ADDR, LINK } from '../../../netlink/payload.ts';
import { IFF_BROADCAST, IFF_UP, type LinkAttrs } from '../../../uapi/link.ts';
import { RTM_DELADDR, RTM_GETADDR, RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK } from '../../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import type { Proc } from '../../process.ts';
import { linkNamed } from '../links.ts';

export interface Link {
  index: number;
  flags: number;
  type: number;
  attrs: LinkAttrs;
}

export interface Address {
  index: number;
  label: string;
  local: number;
  /** The other end; else the address itself. */
  peer: number;
  prefixlen: number;
  broadcast: number;
}

const EADDRNOTAVAIL = 99;

export class State {
  readonly client: NlClient;

  constructor(proc: Proc) {
    this.client = new NlClient(proc.os.netlink(proc.ns, 0));
  }

  close(): void {
    this.client.close();
  }

  links(): Link[] {
    return this.client
      .dump(LINK, RTM_GETLINK, { family: 0 }, {})
      .messages.map((m) => ({ index: m.header.index, flags: m.header.flags, type: m.header.type, attrs: m.attrs }));
  }

  /** The device of a name; `eth0:1` means eth0. */
  link(name: string): Link | null {
    const m = linkNamed(this.client, name.split(':')[0]);
    return m === null ? null : { index: m.header.index, flags: m.header.flags, type: m.header.type, attrs: m.attrs };
  }

  addresses(): Address[] {
    return this.client.dump(ADDR, RTM_GETADDR, { family: 2 }, {}).messages.map((m) => ({
      index: m.header.index,
      label: m.attrs.label ?? '',
      local: (m.attrs.local as number | undefined) ?? 0,
      peer: (m.attrs.address as number | undefined) ?? 0,
      prefixlen: m.header.prefixlen,
      broadcast: (m.attrs.broadcast as number | undefined) ?? 0,
    }));
  }

  /** The address that the ioctls mean by this label. */
  address(label: string): Address | null {
    return this.addresses().find((a) => a.label === label) ?? null;
  }

  /** Runs a change; 0 or the errno. */
  private errno(change: () => void): number {
    try {
      change();
      return 0;
    } catch (e) {
      if (e instanceof NlError) return e.errno;
      throw e;
    }
  }

  setLink(link: Link, flags: number, change: number, attrs: LinkAttrs): number {
    return this.errno(() =>
      this.client.request(LINK, RTM_NEWLINK, 0, { family: 0, index: link.index, flags, change }, attrs),
    );
  }

  /** SIOCSIFADDR: the label's address becomes this one, with the mask of its class. 0.0.0.0 takes it away. */
  setAddress(link: Link, label: string, ip: number): number {
    const old = this.address(label);
    if (old !== null) {
      if (old.local === ip) return 0;
      this.remove(old);
    }
    if (ip === 0) return 0;
    const prefixlen = classLength(ip);
    if (prefixlen < 0) return 22;
    return this.add(link, {
      index: link.index,
      label,
      local: ip,
      peer: ip,
      prefixlen,
      broadcast: broadcastOf(link, ip, prefixlen),
    });
  }

  /** SIOCSIFNETMASK: keeps a broadcast address that was set by hand. */
  setMask(link: Link, label: string, prefixlen: number): number {
    const old = this.address(label);
    if (old === null) return EADDRNOTAVAIL;
    if (old.prefixlen === prefixlen) return 0;
    const usual = broadcastOf(link, old.local, old.prefixlen);
    this.remove(old);
    const broadcast = old.broadcast === usual ? broadcastOf(link, old.local, prefixlen) : old.broadcast;
    return this.add(link, { ...old, prefixlen, broadcast });
  }

  /** SIOCSIFBRDADDR. */
  setBroadcast(link: Link, label: string, broadcast: number): number {
    const old = this.address(label);
    if (old === null) return EADDRNOTAVAIL;
    if (old.broadcast === broadcast) return 0;
    this.remove(old);
    return this.add(link, { ...old, broadcast });
  }

  /** SIOCSIFDSTADDR. */
  setPeer(link: Link, label: string, peer: number): number {
    const old = this.address(label);
    if (old === null) return EADDRNOTAVAIL;
    if (old.peer === peer) return 0;
    this.remove(old);
    return this.add(link, { ...old, peer });
  }

  remove(a: Address): number {
    return this.errno(() =>
      this.client.request(
        ADDR,
        RTM_DELADDR,
        0,
        { family: 2, prefixlen: a.prefixlen, index: a.index },
        { local: a.local, address: a.peer, label: a.label },
      ),
    );
  }

  private add(link: Link, a: Address): number {
    const scope = a.local >>> 24 === 127 ? 254 : 0;
    const attrs = {
      local: a.local,
      address: a.peer,
      ...(a.broadcast !== 0 ? { broadcast: a.broadcast } : {}),
      label: a.label,
    };
    return this.errno(() =>
      this.client.request(
        ADDR,
        RTM_NEWADDR,
        NLM_F_CREATE | NLM_F_REPLACE,
        { family: 2, prefixlen: a.prefixlen, scope, index: link.index },
        attrs,
      ),
    );
  }

  bringUp(link: Link): number {
    return this.setLink(link, IFF_UP, IFF_UP, {});
  }
}

/** inet_abc_len(): the mask of an address's class; -1 for classes that have none. */
function classLength(ip: number): number {
  const first = ip >>> 24;
  if (first === 0) return 0;
  if (first < 128) return 8;
  if (first < 192) return 16;
  if (first < 224) return 24;
  if (first >= 240) return 32;
  return -1;
}

function broadcastOf(link: Link, ip: number, prefixlen: number): number {
  if ((link.flags & IFF_BROADCAST) === 0 || prefixlen >= 31) return 0;
  const hosts = prefixlen === 0 ? 0xffffffff : 0xffffffff >>> prefixlen;
  return (ip | hosts) >>> 0;
}
