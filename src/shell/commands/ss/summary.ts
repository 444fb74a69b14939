// ss -s: totals out of /proc. Linux tool: iproute2 6.1, misc/ss.c, print_summary().

import type { Proc } from '../../process.ts';

function read(proc: Proc, path: string): string {
  const text = proc.os.readFile(proc.ns, path);
  return typeof text === 'number' ? '' : text;
}

/** `TCP: inuse 1 orphan 0 ...` as numbers by name. */
function line(text: string, name: string): Record<string, number> {
  const words = (text.split('\n').find((l) => l.startsWith(`${name}:`)) ?? '').split(/\s+/).slice(1);
  const out: Record<string, number> = {};
  for (let i = 0; i + 1 < words.length; i += 2) out[words[i]] = Number(words[i + 1]);
  return out;
}

export function summary(proc: Proc): string {
  const v4 = read(proc, '/proc/net/sockstat');
  const v6 = read(proc, '/proc/net/sockstat6');
  const snmp = read(proc, '/proc/net/snmp').split('\n');
  const at = snmp.findIndex((l) => l.startsWith('Tcp:'));
  const column = at < 0 ? -1 : snmp[at].split(' ').indexOf('CurrEstab');
  const estab = column < 0 ? 0 : Number(snmp[at + 1].split(' ')[column]);
  const tcp = line(v4, 'TCP');
  const of = (text: string, name: string): number => line(text, name).inuse ?? 0;
  const rows = ['RAW', 'UDP', 'TCP'].map((name): [string, number, number] => [name, of(v4, name), of(v6, `${name}6`)]);
  const sum = rows.reduce(([, a, b], [, c, d]): [string, number, number] => ['INET', a + c, b + d]);
  const tw = tcp.tw ?? 0;
  const total = tcp.alloc ?? 0;
  const hashed = of(v4, 'TCP') + of(v6, 'TCP6');
  let out = `Total: ${line(v4, 'sockets').used ?? 0}\n`;
  out += `TCP:   ${total + tw} (estab ${estab}, closed ${total - (hashed - tw)}, orphaned ${tcp.orphan ?? 0}, timewait ${tw})\n\n`;
  out += 'Transport Total     IP        IPv6\n';
  for (const [name, a, b] of [...rows, sum, ['FRAG', of(v4, 'FRAG'), of(v6, 'FRAG6')] as [string, number, number]]) {
    out += `${name}\t  ${String(a + b).padEnd(9)} ${String(a).padEnd(9)} ${String(b).padEnd(9)}\n`;
  }
  return `${out}\n`;
}
