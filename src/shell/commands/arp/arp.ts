// arp: the neighbour table as old scripts show and change it. Linux tool: net-tools 2.10, arp.c.

import { wordTable } from '../../../base/word-table.ts';
import { NlClient } from '../../../netlink/client.ts';
import type { NlError } from '../../../netlink/error.ts';
import { LINK, NEIGH } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import { parseMac } from '../../../uapi/format.ts';
import { RTM_DELNEIGH, RTM_GETLINK, RTM_NEWNEIGH } from '../../../uapi/msgtype.ts';
import { NTF_PROXY, NUD_PERMANENT, NUD_STALE } from '../../../uapi/neigh.ts';
import { NLM_F_CREATE, NLM_F_REPLACE } from '../../../uapi/netlink.ts';
import type { Command, Proc } from '../../process.ts';
import { inetAton, lookup } from '../hosts.ts';
import { linkNamed } from '../links.ts';
import { routeDevice } from './route-device.ts';
import { show } from './show.ts';

const SYNOPSIS = `Usage:
  arp [-vn]  [<HW>] [-i <if>] [-a] [<hostname>]             <-Display ARP cache
  arp [-v]          [-i <if>] -d  <host> [pub]               <-Delete ARP entry
  arp [-vnD] [<HW>] [-i <if>] -f  [<filename>]            <-Add entry from file
  arp [-v]   [<HW>] [-i <if>] -s  <host> <hwaddr> [temp]            <-Add entry
  arp [-v]   [<HW>] [-i <if>] -Ds <host> <if> [netmask <nm>] pub          <-''-

        -a                       display (all) hosts in alternative (BSD) style
        -e                       display (all) hosts in default (Linux) style
        -s, --set                set a new ARP entry
        -d, --delete             delete a specified entry
        -v, --verbose            be verbose
        -n, --numeric            don't resolve names
        -i, --device             specify network interface (e.g. eth0)
        -D, --use-device         read <hwaddr> from given device
        -A, -p, --protocol       specify protocol family
        -f, --file               read new entries from file or from /etc/ethers

  <HW>=Use '-H <hw>' to specify hardware address type. Default: ether
  List of possible hardware types (which support ARP):
    ash (Ash) ether (Ethernet) ax25 (AMPR AX.25) 
    netrom (AMPR NET/ROM) rose (AMPR ROSE) arcnet (ARCnet) 
    dlci (Frame Relay DLCI) fddi (Fiber Distributed Data Interface) hippi (HIPPI) 
    irda (IrLAP) x25 (generic X.25) eui64 (Generic EUI-64) 
`;
const VERSION = `net-tools 2.10
+I18N +SELINUX
AF: (inet) +UNIX +INET +INET6 +IPX +AX25 +NETROM +X25 +ATALK +ECONET +ROSE -BLUETOOTH
HW: (ether) +ETHER +ARC +SLIP +PPP +TUNNEL -TR +AX25 +NETROM +X25 +FR +ROSE +ASH +SIT +FDDI +HIPPI +HDLC/LAPB +EUI64 
`;
const FAILED = 255;

export interface ArpOptions {
  verb: 'show' | 'set' | 'delete' | 'file';
  bsd: boolean;
  verbose: boolean;
  useDevice: boolean;
  device: string | null;
}

const LONG = wordTable<string>({
  '--verbose': 'v',
  '--numeric': 'n',
  '--set': 's',
  '--delete': 'd',
  '--device': 'i',
  '--use-device': 'D',
  '--protocol': 'p',
  '--hw-type': 'H',
  '--file': 'f',
  '--version': 'V',
  '--help': 'h',
});

export const arp: Command = {
  name: 'arp',
  summary: 'show and change the neighbour table (net-tools)',
  async run(proc) {
    const o: ArpOptions = { verb: 'show', bsd: false, verbose: false, useDevice: false, device: null };
    const words = [...proc.argv];
    while (words[0]?.startsWith('-')) {
      const arg = words.shift() as string;
      for (const letter of arg.startsWith('--') ? (LONG[arg] ?? '?') : arg.slice(1)) {
        if (letter === 'a') o.bsd = true;
        else if (letter === 'e') o.bsd = false;
        else if (letter === 'v') o.verbose = true;
        else if (letter === 's') o.verb = 'set';
        else if (letter === 'd') o.verb = 'delete';
        else if (letter === 'D') o.useDevice = true;
        else if (letter === 'f') o.verb = 'file';
        else if (letter === 'i') o.device = words.shift() ?? '';
        else if (letter === 'V') return say(proc, VERSION);
        else if (letter === 'h') return say(proc, SYNOPSIS);
        else if (letter === 'H' || letter === 't') {
          const type = words.shift();
          if (type !== 'ether') return fail(proc, `arp: ${type}: unknown hardware type.\n`);
        } else if (letter === 'A' || letter === 'p') {
          const family = words.shift();
          if (family !== 'inet') return fail(proc, `arp: ${family}: unknown address family.\n`);
        } else if (letter !== 'n') {
          proc.err(`arp: invalid option -- '${letter}'\n${SYNOPSIS}`);
          return 3;
        }
      }
    }
    if (o.verb === 'show') return show(proc, o, words[0] ?? null);
    if (o.verb === 'file') return fail(proc, 'arp: entries from a file are not supported here; use -s for each\n');
    if (words.length === 0) return fail(proc, 'arp: need host name\n');
    const ip = inetAton(words[0]) ?? (await lookup(proc, words[0]));
    if (ip === null) return fail(proc, `${words[0]}: Host name lookup failure\n`);
    const client = new NlClient(proc.os.netlink(proc.ns, 0));
    try {
      return await (o.verb === 'set' ? set(proc, client, o, ip, words.slice(1)) : remove(proc, client, o, ip, words));
    } finally {
      client.close();
    }
  },
};

/** The words behind the address. */
interface Words {
  pub: boolean;
  temp: boolean;
  device: string | null;
  /** A mask that leaves something out. */
  masked: boolean;
}

/** Or what is wrong with them: the help, or a line. */
async function parseWords(proc: Proc, o: ArpOptions, words: readonly string[]): Promise<Words | string> {
  const w: Words = { pub: false, temp: false, device: o.device, masked: false };
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word === 'pub') w.pub = true;
    else if (word === 'temp') w.temp = true;
    else if (word === 'dev' || word === 'netmask') {
      const value = words[++i];
      if (value === undefined) return SYNOPSIS;
      if (word === 'dev') w.device = value;
      else {
        const mask = inetAton(value) ?? (await lookup(proc, value));
        if (mask === null) return `${value}: Host name lookup failure\n`;
        w.masked = mask !== 0xffffffff;
      }
    } else if (word !== 'priv' && word !== 'dontpub') return SYNOPSIS;
  }
  return w;
}

/** arp_set(): SIOCSARP. */
async function set(proc: Proc, client: NlClient, o: ArpOptions, ip: number, words: readonly string[]): Promise<number> {
  const [hw, ...more] = words;
  if (hw === undefined) return fail(proc, o.useDevice ? 'arp: need interface name\n' : 'arp: need hardware address\n');
  const mac = o.useDevice ? addressOf(client, hw) : parseMac(hw);
  if (mac === null) {
    const text = `arp: cant get HW-Address for \`${hw}': No such device.\n`;
    return fail(proc, o.useDevice ? text : 'arp: invalid hardware address\n');
  }
  const w = await parseWords(proc, o, more);
  if (typeof w === 'string') return wrong(proc, w);
  const { pub, temp } = w;
  const index = pub && w.device === null && !w.masked ? deviceWith(client, mac) : deviceFor(client, w.device, ip);
  if (index < 0) return fail(proc, `SIOCSARP: ${strerror(-index)}\n`);
  if (w.masked) return fail(proc, `SIOCSARP: ${strerror(EINVAL)}\n`);
  const state = temp ? NUD_STALE : NUD_PERMANENT;
  const header = { family: 2, ifindex: index, state, flags: pub ? NTF_PROXY : 0 };
  const attrs = pub ? { dst: ip } : { dst: ip, lladdr: mac };
  const flags = NLM_F_CREATE | NLM_F_REPLACE;
  const refusal = client.tryRequest(NEIGH, RTM_NEWNEIGH, flags, header, attrs);
  return refusal === null ? 0 : fail(proc, `SIOCSARP: ${refusal.message}\n`);
}

/** arp_del(): SIOCDARP; published ones only when asked for, and only of the device that is named. */
async function remove(
  proc: Proc,
  client: NlClient,
  o: ArpOptions,
  ip: number,
  words: readonly string[],
): Promise<number> {
  const w = await parseWords(proc, o, words.slice(1));
  if (typeof w === 'string') return wrong(proc, w);
  const index = deviceFor(client, w.device, ip);
  if (w.pub && w.device === null) return fail(proc, `No ARP entry for ${words[0]}\n`);
  if (index < 0) return fail(proc, `SIOCDARP(${w.pub ? 'pub' : 'dontpub'}): ${strerror(-index)}\n`);
  if (w.masked) return fail(proc, `SIOCDARP(${w.pub ? 'pub' : 'dontpub'}): ${strerror(EINVAL)}\n`);
  const header = { family: 2, ifindex: index, flags: w.pub ? NTF_PROXY : 0 };
  const refusal: NlError | null = client.tryRequest(NEIGH, RTM_DELNEIGH, 0, header, { dst: ip });
  return refusal === null ? 0 : fail(proc, `No ARP entry for ${words[0]}\n`);
}

function wrong(proc: Proc, text: string): number {
  proc.err(text);
  return text === SYNOPSIS ? 3 : FAILED;
}

/** Whose address it is: where it is published when no device is named. Linux: dev_getbyhwaddr(). */
function deviceWith(client: NlClient, mac: number): number {
  const found = client.dump(LINK, RTM_GETLINK, {}, {}).messages.find((l) => l.attrs.address === mac);
  return found === undefined ? -ENODEV : found.header.index;
}

/** The device that was named, or the one that the route goes by; -errno. */
function deviceFor(client: NlClient, name: string | null, ip: number): number {
  if (name === null) return routeDevice(client, ip);
  const found = linkNamed(client, name);
  return found === null ? -ENODEV : found.header.index;
}

const ENODEV = 19;
const EINVAL = 22;

function addressOf(client: NlClient, name: string): number | null {
  const found = linkNamed(client, name);
  return found?.attrs.address ?? null;
}

function say(proc: Proc, text: string): number {
  proc.out(text);
  return 0;
}

function fail(proc: Proc, message: string): number {
  proc.err(message);
  return FAILED;
}
