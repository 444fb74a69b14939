// The neighbour table as `arp -n` and `arp -a` print it, out of /proc/net/arp. Linux tool: net-tools 2.10, arp.c, arp_show().

import type { Proc } from '../../process.ts';
import { inetAton, lookup } from '../hosts.ts';
import type { ArpOptions } from './arp.ts';

const ATF_COM = 2;
const ATF_PERM = 4;
const ATF_PUBL = 8;

interface Entry {
  ip: string;
  flags: number;
  mac: string;
  dev: string;
}

export async function show(proc: Proc, o: ArpOptions, host: string | null): Promise<number> {
  const all = entries(proc);
  const ip = host === null ? null : (inetAton(host) ?? (await lookup(proc, host)));
  if (host !== null && ip === null) {
    proc.err(`${host}: Host name lookup failure\n`);
    return 255;
  }
  const wanted = ip === null ? null : [24, 16, 8, 0].map((shift) => (ip >>> shift) & 255).join('.');
  const found = all.filter((e) => (wanted === null || e.ip === wanted) && (o.device === null || e.dev === o.device));
  if (!o.bsd && found.length > 0) {
    proc.out('Address                  HWtype  HWaddress           Flags Mask            Iface\n');
  }
  for (const e of found) proc.out(o.bsd ? bsdLine(e) : line(e));
  if (o.verbose) proc.out(`Entries: ${all.length}\tSkipped: ${all.length - found.length}\tFound: ${found.length}\n`);
  if (found.length > 0 || (host === null && o.device === null)) return 0;
  if (host !== null && !o.bsd) proc.out(`${host} (${wanted}) -- no entry\n`);
  else proc.out(`arp: in ${all.length} entries no match found.\n`);
  return 0;
}

function entries(proc: Proc): Entry[] {
  const text = proc.os.readFile(proc.ns, '/proc/net/arp');
  if (typeof text === 'number') return [];
  const lines = text
    .split('\n')
    .slice(1)
    .filter((l) => l.trim() !== '');
  return lines.map((l) => {
    const [ip, , flags, mac, , dev] = l.trim().split(/\s+/);
    return { ip, flags: Number(flags), mac, dev };
  });
}

/** What is known, and how: complete, permanent, published. */
function line(e: Entry): string {
  const known = (e.flags & ATF_COM) !== 0;
  const type = known ? 'ether' : (e.flags & ATF_PUBL) !== 0 ? '*' : '';
  const address = known ? e.mac : (e.flags & ATF_PUBL) !== 0 ? '<from_interface>' : '(incomplete)';
  const flags = `${known ? 'C' : ''}${(e.flags & ATF_PERM) !== 0 ? 'M' : ''}${(e.flags & ATF_PUBL) !== 0 ? 'P' : ''}`;
  return `${e.ip.padEnd(23)}  ${type.padEnd(8)}${address.padEnd(18)}  ${flags.padEnd(6)}${' '.repeat(16)}${e.dev}\n`;
}

function bsdLine(e: Entry): string {
  const known = (e.flags & ATF_COM) !== 0;
  const address = known ? `${e.mac} [ether]` : (e.flags & ATF_PUBL) !== 0 ? '<from_interface>' : '<incomplete>';
  const marks = [(e.flags & ATF_PERM) !== 0 ? 'PERM ' : '', (e.flags & ATF_PUBL) !== 0 ? 'PUB ' : ''].join('');
  return `? (${e.ip}) at ${address} ${marks}on ${e.dev}\n`;
}
