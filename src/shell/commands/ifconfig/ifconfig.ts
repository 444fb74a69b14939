// ifconfig, as old scripts use it: addresses by class, aliases, flags. Linux tool: net-tools 2.10, ifconfig.c.

import { wordTable } from '../../../base/word-table.ts';
import { strerror } from '../../../uapi/errno.ts';
import { parseIp6 } from '../../../uapi/format.ts';
import {
  IFF_ALLMULTI,
  IFF_AUTOMEDIA,
  IFF_DYNAMIC,
  IFF_MULTICAST,
  IFF_NOARP,
  IFF_NOTRAILERS,
  IFF_PROMISC,
  IFF_UP,
} from '../../../uapi/link.ts';
import type { Command, Proc } from '../../process.ts';
import { lookup } from '../hosts.ts';
import { maskLength, parseShortIp4 } from '../iproute/args.ts';
import { addresses6, change6, lengthOf } from './addr6.ts';
import { printLong, printShort, SHORT_HEAD } from './show.ts';
import { type Address, type Link, State } from './state.ts';

export const ifconfig: Command = {
  name: 'ifconfig',
  summary: 'show and set addresses and flags of devices (net-tools)',
  async run(proc) {
    const state = new State(proc);
    try {
      return await main(proc, state);
    } finally {
      state.close();
    }
  },
};

const USAGE = `Usage:
  ifconfig [-a] [-v] [-s] <interface> [[<AF>] <address>]
  [add <address>[/<prefixlen>]]
  [del <address>[/<prefixlen>]]
  [[-]broadcast [<address>]]  [[-]pointopoint [<address>]]
  [netmask <address>]  [dstaddr <address>]  [tunnel <address>]
  [outfill <NN>] [keepalive <NN>]
  [hw <HW> <address>]  [mtu <NN>]
  [[-]trailers]  [[-]arp]  [[-]allmulti]
  [multicast]  [[-]promisc]
  [mem_start <NN>]  [io_addr <NN>]  [irq <NN>]  [media <type>]
  [txqueuelen <NN>]
  [name <newname>]
  [[-]dynamic]
  [up|down] ...

  <HW>=Hardware Type.
  List of possible hardware types:
    loop (Local Loopback) slip (Serial Line IP) cslip (VJ Serial Line IP) 
    slip6 (6-bit Serial Line IP) cslip6 (VJ 6-bit Serial Line IP) adaptive (Adaptive Serial Line IP) 
    ash (Ash) ether (Ethernet) ax25 (AMPR AX.25) 
    netrom (AMPR NET/ROM) rose (AMPR ROSE) tunnel (IPIP Tunnel) 
    ppp (Point-to-Point Protocol) hdlc ((Cisco)-HDLC) lapb (LAPB) 
    arcnet (ARCnet) dlci (Frame Relay DLCI) frad (Frame Relay Access Device) 
    sit (IPv6-in-IPv4) fddi (Fiber Distributed Data Interface) hippi (HIPPI) 
    irda (IrLAP) ec (Econet) x25 (generic X.25) 
    eui64 (Generic EUI-64) 
  <AF>=Address family. Default: inet
  List of possible address families:
    unix (UNIX Domain) inet (DARPA Internet) inet6 (IPv6) 
    ax25 (AMPR AX.25) netrom (AMPR NET/ROM) rose (AMPR ROSE) 
    ipx (Novell IPX) ddp (Appletalk DDP) ec (Econet) 
    ash (Ash) x25 (CCITT X.25) 
`;

async function main(proc: Proc, state: State): Promise<number> {
  let all = false;
  let short = false;
  let at = 0;
  for (; at < proc.argv.length && proc.argv[at].startsWith('-'); at++) {
    const opt = proc.argv[at];
    if (opt === '-a') all = true;
    else if (opt === '-s') short = true;
    else if (opt === '-v') continue;
    else if (opt === '--version' || opt === '-V') {
      proc.out('net-tools 2.10\n');
      return 0;
    } else if (opt === '--help' || opt === '-h' || opt === '-?') {
      proc.err(USAGE);
      return 0;
    } else {
      proc.err(`ifconfig: option \`${opt}' not recognised.\nifconfig: \`--help' gives usage information.\n`);
      return 1;
    }
  }
  const words = proc.argv.slice(at);
  if (words.length === 0) {
    showAll(proc, state, all, short);
    return 0;
  }
  if (words.length === 1) return showOne(proc, state, words[0], short);
  return new Change(proc, state, words[0]).apply(words.slice(1));
}

/** Devices by name, as /proc/net/dev is sorted by the tool, each followed by its aliases. */
function showAll(proc: Proc, state: State, all: boolean, short: boolean): void {
  if (short) proc.out(SHORT_HEAD);
  const addresses = state.addresses();
  const links = state.links().sort((a, b) => ((a.attrs.ifname ?? '') < (b.attrs.ifname ?? '') ? -1 : 1));
  for (const link of links) {
    if (!all && (link.flags & IFF_UP) === 0) continue;
    const name = link.attrs.ifname ?? '';
    show(proc, name, link, addresses, short);
    for (const a of addresses)
      if (a.index === link.index && a.label !== name && a.label.includes(':'))
        show(proc, a.label, link, addresses, short);
  }
}

function showOne(proc: Proc, state: State, label: string, short: boolean): number {
  const link = state.link(label);
  const addresses = state.addresses();
  if (link === null) {
    proc.err(`${label}: error fetching interface information: Device not found\n`);
    return 1;
  }
  if (short) proc.out(SHORT_HEAD);
  show(proc, label, link, addresses, short);
  return 0;
}

function show(proc: Proc, label: string, link: Link, addresses: Address[], short: boolean): void {
  const address = addresses.find((a) => a.index === link.index && a.label === label) ?? null;
  proc.out(short ? printShort(label, link) : printLong(label, link, address, addresses6(proc, label)));
}

const SWITCHES = wordTable<[number, boolean]>({
  arp: [IFF_NOARP, true],
  promisc: [IFF_PROMISC, false],
  multicast: [IFF_MULTICAST, false],
  allmulti: [IFF_ALLMULTI, false],
  dynamic: [IFF_DYNAMIC, false],
  trailers: [IFF_NOTRAILERS, true],
});

/** Requests that Ethernet devices have no use for. */
const REFUSED = wordTable<string>({
  irq: 'irq: SIOCSIFMAP',
  io_addr: 'io_addr: SIOCSIFMAP',
  mem_start: 'mem_start: SIOCSIFMAP',
  keepalive: 'SIOCSKEEPALIVE',
  outfill: 'SIOCSOUTFILL',
});
const EINVAL = 22;
const EOPNOTSUPP = 95;
const EADDRNOTAVAIL = 99;

/** Up to six bytes in hex, colons between them or not; what is missing is 0, what is too much is not read. */
function etherAddress(text: string): number | null {
  let mac = 0;
  let at = 0;
  for (let i = 0; i < 6; i++) {
    const digits = /^[0-9a-fA-F]{1,2}/.exec(text.slice(at))?.[0];
    if (digits === undefined && at < text.length) return null;
    mac = mac * 256 + (digits === undefined ? 0 : Number.parseInt(digits, 16));
    at += digits?.length ?? 0;
    if (text[at] === ':') at++;
  }
  return mac;
}

/** The words after the device's name, one after the other; failures are said and remembered. */
class Change {
  private readonly proc: Proc;
  private readonly state: State;
  private readonly label: string;
  private failed = false;

  constructor(proc: Proc, state: State, label: string) {
    this.proc = proc;
    this.state = state;
    this.label = label;
  }

  async apply(words: readonly string[]): Promise<number> {
    const { proc } = this;
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      const value = (): string | null => {
        i++;
        return i < words.length ? words[i] : null;
      };
      const off = word.startsWith('-');
      const flag = SWITCHES[off ? word.slice(1) : word];
      if (word === 'up') {
        if (!this.flags(IFF_UP | 0x40, IFF_UP)) return 255;
      } else if (word === 'down') {
        if (!this.flags(0, IFF_UP)) return 255;
      } else if (flag !== undefined) {
        const on = off === flag[1];
        if (!this.flags(on ? flag[0] : 0, flag[0])) return 255;
      } else if (word === 'netmask') {
        const text = value();
        if (text === null) return this.usage();
        const ip = await this.host(text, '');
        if (ip === null) return 1;
        const length = maskLength(ip);
        this.ioctl('SIOCSIFNETMASK', (link) =>
          length === null ? EINVAL : this.state.setMask(link, this.label, length),
        );
      } else if (word === 'broadcast') {
        const text = value();
        if (text === null) continue; // asks for the flag, which is not the user's
        const ip = await this.host(text, '');
        if (ip === null) return 1;
        const broadcast = ip;
        this.ioctl('SIOCSIFBRDADDR', (link) => this.state.setBroadcast(link, this.label, broadcast));
      } else if (word === '-broadcast') {
        proc.err(`Warning: Interface ${this.label} still in BROADCAST mode.\n`);
      } else if (word === 'pointopoint' || word === 'dstaddr') {
        const text = value();
        if (text === null && word === 'dstaddr') return this.usage();
        if (text === null) continue;
        const peer = await this.host(text, '');
        if (peer === null) return 1;
        this.ioctl('SIOCSIFDSTADDR', (link) => this.state.setPeer(link, this.label, peer));
      } else if (word === '-pointopoint' || word === 'inet') continue;
      else if (word === 'media') {
        if (i + 1 === words.length) return this.usage();
        if (words[i + 1] === 'auto' && !this.flags(IFF_AUTOMEDIA, IFF_AUTOMEDIA)) return 255; // and reads "auto" again
      } else if (word in REFUSED) {
        if (value() === null) return this.usage();
        this.ioctl(REFUSED[word], () => EOPNOTSUPP);
      } else if (word === 'mtu') {
        const text = value();
        if (text === null) return this.usage();
        const mtu = Number.parseInt(text, 10);
        this.ioctl('SIOCSIFMTU', (link) => {
          if (mtu < 0 || mtu > 0x7fffffff) return EINVAL;
          return this.state.setLink(link, 0, 0, { mtu: Number.isNaN(mtu) ? 0 : mtu });
        });
      } else if (word === 'txqueuelen') {
        const text = value();
        if (text === null) return this.usage();
        const length = Number.parseInt(text, 10);
        const txqlen = Math.abs(length) < 2 ** 64 ? length | 0 : Number.isNaN(length) ? 0 : -1; // strtoul() into an int
        this.ioctl('SIOCSIFTXQLEN', (link) => (txqlen < 0 ? EINVAL : this.state.setLink(link, 0, 0, { txqlen })));
      } else if (word === 'hw') {
        const kind = value();
        const text = kind === 'ether' ? value() : null;
        if (text === null) return this.usage();
        const mac = etherAddress(text);
        if (mac === null) {
          proc.err(`${text}: invalid ether address.\n`);
          return 1;
        }
        this.ioctl('SIOCSIFHWADDR', (link) => this.state.setLink(link, 0, 0, { address: mac }));
      } else if (word === 'name') {
        const name = value();
        if (name === null) return this.usage();
        this.ioctl('SIOCSIFNAME', (link) => this.state.setLink(link, 0, 0, { ifname: name }));
      } else if (word === 'add' || word === 'del') {
        const text = value();
        if (text === null || (text.includes(':') && lengthOf(text.split('/')[1]) === null)) return this.usage();
        if (!(await this.alias(word, text))) return 1;
      } else if (word === 'inet6')
        continue; // only says of which family the next word is
      else if (word === 'tunnel') {
        proc.err(`ifconfig: the model kernel has no "${word}" yet\n`);
        return 1;
      } else {
        const code = await this.address(word);
        if (code !== 0) return code;
      }
    }
    return this.failed ? 1 : 0;
  }

  private usage(): number {
    this.proc.err(USAGE);
    return 3;
  }

  /** Runs one of the old requests; a refusal is said in perror()'s form. */
  private ioctl(name: string, change: (link: Link) => number): boolean {
    const link = this.state.link(this.label);
    const errno = link === null ? 19 : change(link);
    if (errno === 0) return true;
    this.proc.err(`${name}: ${strerror(errno)}\n`);
    this.failed = true;
    return false;
  }

  /** set_flag(), clr_flag(): without the device there is nothing to go on with. */
  private flags(value: number, change: number): boolean {
    const link = this.state.link(this.label);
    const alias = this.label.includes(':');
    if (link === null) {
      this.proc.err(`${this.label}: ERROR while getting interface flags: No such device\n`);
      return false;
    }
    if (alias) {
      if (this.state.address(this.label) === null) {
        this.proc.err(`SIOCSIFFLAGS: ${strerror(EADDRNOTAVAIL)}\n`);
        return false;
      }
      if ((change & IFF_UP) !== 0 && (value & IFF_UP) === 0)
        this.state.remove(this.state.address(this.label) as Address);
      return true;
    }
    const errno = this.state.setLink(link, value & change, change, {});
    if (errno === 0) return true;
    this.proc.err(`SIOCSIFFLAGS: ${strerror(errno)}\n`);
    return false;
  }

  /** A bare address, perhaps with a prefix length: sets it and brings the device up. */
  private async address(word: string): Promise<number> {
    const { proc } = this;
    const [text, bits] = word.split('/');
    if (bits !== undefined && !/^-?\d+$/.test(bits)) return this.usage();
    const ip = await this.host(text, "ifconfig: `--help' gives usage information.\n");
    if (ip === null) return 1;
    this.ioctl('SIOCSIFADDR', (link) => this.state.setAddress(link, this.label, ip));
    const link = this.state.link(this.label);
    if (link === null) {
      proc.err(`${this.label}: ERROR while getting interface flags: No such device\n`);
      return 255;
    }
    if (ip !== 0 || !this.label.includes(':')) {
      const errno = this.state.bringUp(link);
      if (errno !== 0) {
        proc.err(`SIOCSIFFLAGS: ${strerror(errno)}\n`);
        return 255;
      }
    }
    if (bits !== undefined) {
      const length = Number.parseInt(bits, 10) & 31; // a shift by 32 is none on this machine: /32 gives /0, as there
      this.ioctl('SIOCSIFNETMASK', (l) => this.state.setMask(l, this.label, length));
    }
    return 0;
  }

  /**
   * `add`: the first free alias `dev:N` gets the address, with mask and broadcast of the device's own; `del`: its alias
   * goes, and an address that is not there is added, as the tool does.
   */
  private async alias(verb: 'add' | 'del', text: string): Promise<boolean> {
    if (text.includes(':')) {
      return this.address6(verb, text);
    }
    const ip = await this.host(text, '');
    if (ip === null) return false;
    const taken = this.state.addresses();
    const found = taken.find((a) => a.local === ip && a.label.startsWith(`${this.label}:`));
    if (verb === 'del' && found !== undefined) return this.state.remove(found) === 0;
    let n = 0;
    while (taken.some((a) => a.label === `${this.label}:${n}`)) n++;
    const label = `${this.label}:${n}`;
    const own = this.state.address(this.label);
    return this.ioctl('SIOCSIFADDR', (link) => {
      const errno = this.state.setAddress(link, label, ip);
      if (errno !== 0 || own === null) return errno;
      return this.state.setMask(link, label, own.prefixlen) || this.state.setBroadcast(link, label, own.broadcast);
    });
  }

  private address6(verb: 'add' | 'del', text: string): boolean {
    const host = text.split('/')[0];
    if (parseIp6(host) === null) {
      this.proc.err(`${host}: Resolver Error 0 (no error)\n`);
      return false;
    }
    if (this.state.link(this.label) === null) {
      this.proc.err('SIOGIFINDEX: No such device\n');
      return false;
    }
    const name = verb === 'add' ? 'SIOCSIFADDR' : 'SIOCDIFADDR';
    return this.ioctl(name, (link) => change6(this.state.client, link.index, verb, text));
  }

  /** An address or a name of /etc/hosts; null after saying that there is none. */
  private async host(text: string, more: string): Promise<number | null> {
    const ip = parseShortIp4(text) ?? (await lookup(this.proc, text));
    if (ip !== null) return ip;
    this.proc.err(
      /^(-|[0-9./]+$)/.test(text) ? `${text}: Unknown host\n${more}` : `${text}: Host name lookup failure\n${more}`,
    );
    return null;
  }
}
