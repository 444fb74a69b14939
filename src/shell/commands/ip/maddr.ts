// `ip maddr`: multicast addresses, which have no netlink form: read from /proc, changed by an ioctl. iproute2: ip/ipmaddr.c.

import { strerror } from '../../../uapi/errno.ts';
import { formatIp4, formatIp6, parseIp4, parseMac } from '../../../uapi/format.ts';
import { Args, matches } from '../iproute/args.ts';
import { duparg, duparg2, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { maddrUsage } from './usage.ts';

interface Entry {
  index: number;
  name: string;
  family: 'link' | 'inet' | 'inet6';
  address: string;
  users: number;
  features: string;
}

export function doMaddr(ip: Ip, words: readonly string[]): number {
  const [verb, ...rest] = words;
  if (verb === undefined) return show(ip, new Args([]));
  if (matches(verb, 'add') || matches(verb, 'delete')) {
    return modify(ip, matches(verb, 'add'), new Args(rest));
  }
  if (matches(verb, 'show') || matches(verb, 'lst') || matches(verb, 'list')) return show(ip, new Args(rest));
  if (matches(verb, 'help')) throw new ToolError(maddrUsage, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "ip maddr help".\n`, 255);
}

function modify(ip: Ip, join: boolean, args: Args): number {
  let dev: string | null = null;
  let address: string | null = null;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') {
      const name = args.need();
      if (dev !== null) duparg('dev', name);
      dev = name;
      continue;
    }
    const word = args.word === 'address' ? args.need() : args.word;
    if (matches(word, 'help')) throw new ToolError(maddrUsage, 255);
    if (address !== null) duparg('address', word);
    address = word;
  }
  if (dev === null) throw new ToolError('Not enough information: "dev" is required.\n', 255);
  const rc = ip.proc.os.deviceGroup(ip.ns, dev, join, address === null ? 0 : linkAddress(address));
  if (rc < 0) throw new ToolError(`ioctl: ${strerror(-rc)}\n`, 1);
  return 0;
}

/** ll_addr_a2n(), which takes an IPv4 address as four bytes. */
function linkAddress(text: string): number {
  const mac = parseMac(text);
  if (mac !== null) return mac;
  const length = parseIp4(text) !== null ? 4 : text.split(':').length;
  const ok = parseIp4(text) !== null || /^[0-9a-f]{1,2}(:[0-9a-f]{1,2})+$/i.test(text);
  if (!ok) throw new ToolError(`"${text}" is invalid lladdr.\n`, 1);
  throw new ToolError(`Error: Invalid address length ${length} - must be 6 bytes\n`, 1);
}

function show(ip: Ip, args: Args): number {
  let dev: string | null = null;
  for (; args.more; args.skip()) {
    const word = args.word;
    const name = word === 'dev' ? args.need() : word;
    if (word !== 'dev' && matches(name, 'help')) throw new ToolError(maddrUsage, 255);
    if (dev !== null) duparg2('dev', name);
    dev = name;
  }
  const family = ip.opts.family;
  const entries: Entry[] = [];
  if (family === 0 || family === 17) entries.push(...linkEntries(read(ip, '/proc/net/dev_mcast')));
  if (family === 0 || family === 2) entries.push(...ip4Entries(read(ip, '/proc/net/igmp')));
  if (family === 0 || family === 10) entries.push(...ip6Entries(read(ip, '/proc/net/igmp6')));
  // A stable order by index, and within a link as the files list them.
  const shown = entries.filter((e) => dev === null || e.name === dev).sort((a, b) => a.index - b.index);
  print(ip, shown);
  return 0;
}

function read(ip: Ip, path: string): string[] {
  const text = ip.proc.os.readFile(ip.ns, path);
  return typeof text === 'number' ? [] : text.split('\n');
}

function linkEntries(lines: readonly string[]): Entry[] {
  return lines.flatMap((line): Entry[] => {
    const m = /^(\d+)\s+(\S+)\s+(\d+)\s+(\d+)\s+([0-9a-f]+)/.exec(line);
    if (m === null) return [];
    const address = m[5].replace(/..(?!$)/g, '$&:');
    return [
      {
        index: Number(m[1]),
        name: m[2],
        family: 'link',
        address,
        users: Number(m[3]),
        features: Number(m[4]) > 0 ? ' static' : '',
      },
    ];
  });
}

/** A line for the link, then an indented one for each group: its address in hex as the machine stores it. */
function ip4Entries(lines: readonly string[]): Entry[] {
  const out: Entry[] = [];
  let index = 0;
  let name = '';
  for (const line of lines) {
    const link = /^(\d+)\s+(\S+)/.exec(line);
    const group = /^\s+([0-9A-F]{8})\s+(\d+)/.exec(line);
    if (link !== null) {
      index = Number(link[1]);
      name = link[2];
    } else if (group !== null) {
      const raw = Number.parseInt(group[1], 16);
      const swapped =
        ((raw & 0xff) * 0x100_0000 + (raw & 0xff00) * 0x100 + ((raw >>> 8) & 0xff00) + (raw >>> 24)) >>> 0;
      out.push({ index, name, family: 'inet', address: formatIp4(swapped), users: Number(group[2]), features: '' });
    }
  }
  return out;
}

function ip6Entries(lines: readonly string[]): Entry[] {
  return lines.flatMap((line): Entry[] => {
    const m = /^(\d+)\s+(\S+)\s+([0-9a-f]{32})\s+(\d+)/.exec(line);
    if (m === null) return [];
    const bytes = Uint8Array.from(m[3].match(/../g) ?? [], (h) => Number.parseInt(h, 16));
    return [
      {
        index: Number(m[1]),
        name: m[2],
        family: 'inet6',
        address: formatIp6(bytes),
        users: Number(m[4]),
        features: '',
      },
    ];
  });
}

function print(ip: Ip, entries: readonly Entry[]): void {
  const { out } = ip;
  out.begin();
  let current = -1;
  for (const e of entries) {
    if (e.index !== current || (ip.opts.oneline && !out.json)) {
      if (current !== -1) closeLink(ip);
      out.openObject();
      out.any('ifindex', e.index, `${e.index}:`);
      out.tint('ifname', 'ifname', e.name, `\t${e.name}`);
      out.newline();
      out.openArray('maddr');
      current = e.index;
    }
    out.openObject();
    if (e.family === 'link') out.tint('mac', 'link', e.address, e.address, '\tlink  ');
    else {
      out.any('family', e.family, `\t${e.family.padEnd(5)} `);
      out.tint(e.family, 'address', e.address, e.address);
    }
    if (e.users !== 1) out.any('users', e.users, ` users ${e.users}`);
    if (e.features !== '') out.flag(e.features.trim(), e.features);
    out.text('\n');
    out.closeObject();
  }
  if (current !== -1) closeLink(ip);
  out.finish();
}

function closeLink(ip: Ip): void {
  ip.out.closeArray();
  ip.out.closeObject();
}
