/// <reference types="node" />
// Each filter against the real tcpdump over the same frames, whole and cut: the same frames pass, the same words are refused.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { concat } from '../../../../wire/bytes.ts';
import { type PcapPacket, PcapWriter, readPcap } from '../../../../wire/pcap.ts';
import { corpus } from '../corpus.ts';
import { ETHERNET_LAYOUT } from './gen.ts';
import { compileFilter } from './parse.ts';

const ctx = { layout: ETHERNET_LAYOUT, netmask: 0, live: false };
const dir = mkdtempSync(join(tmpdir(), 'lowerdev-filter-'));
afterAll(() => rmSync(dir, { recursive: true }));
const found = spawnSync('tcpdump', ['--version'], { encoding: 'utf8' });
const version = /libpcap version (\S+)/.exec(`${found.stdout}${found.stderr}`)?.[1] ?? '';
const reason =
  version === '' ? 'tcpdump is not installed' : version.startsWith('1.10') ? '' : `libpcap is ${version}, not 1.10`;

/** All frames, and each cut at every third byte; the time is the number of the frame. */
const packets: PcapPacket[] = corpus
  .flatMap((b) =>
    [b, ...Array.from({ length: Math.floor(b.length / 3) }, (_, i) => b.slice(0, 3 * i + 1))].map((data) => ({
      data,
      wireLen: b.length,
    })),
  )
  .map((p, i) => ({ ...p, sec: i, nsec: 0 }));
const path = join(dir, 'all.pcap');
const chunks: Uint8Array[] = [];
const writer = new PcapWriter((c) => chunks.push(c));
for (const p of packets) writer.packet(p);
writeFileSync(path, concat(...chunks));

function real(filter: string): number[] | string {
  const r = spawnSync('tcpdump', ['-O', '-r', path, '-w', '-', '--', filter], { maxBuffer: 1 << 28 });
  const complaint = /^tcpdump: (.*)$/m.exec(r.stderr.toString('utf8'));
  if (r.status !== 0) return complaint?.[1] ?? 'failed';
  return readPcap(r.stdout).packets.map((p) => p.sec);
}

function ours(filter: string): number[] | string {
  const f = compileFilter(filter, ctx);
  if (typeof f === 'string') return f;
  return packets.filter((p) => f.matches(p.data, p.wireLen, -1, 0)).map((p) => p.sec);
}

const filters = `
ip|arp|rarp|icmp|icmp6|igmp|tcp|udp|ip6|sctp|pim|vrrp|esp|ah|stp|llc|vlan|vlan 5|vlan 7|vlan and icmp|vlan 5 and vlan 6|vlan or arp
not vlan|vlan and arp|vlan 5 and vlan 6 and arp|broadcast|multicast|ether broadcast|ether multicast|ip broadcast|ip multicast
ip6 multicast|less 60|greater 60|ip proto 17|ip proto \\udp|ip6 proto 58|proto 17|proto \\tcp|ether proto 0x88b5|ether proto \\arp
ip proto 256|host 10.0.0.1|src host 10.0.0.1|dst 10.0.0.2|net 10.0.0.0/8|net 10|net 10.0|src net 10.0.0.0 mask 255.0.0.0|net 0/0
dst net 224|port 53|src port 40000|tcp port 7777|portrange 1-100|udp dst portrange 9990-9999|port 9999 or 7777|port (9999 or 7777)
ether host 02:00:00:00:00:01|ether src 02:00:00:00:00:02|ether dst ff:ff:ff:ff:ff:ff|ether host 02-00-00-00-00-01|link host 02:00:00:00:00:01
arp host 10.0.0.1|ip6 host fe80::1|host fe80::2|net fe80::/10|ip6 net 2001:db8::/32|src or dst host 10.0.0.1|src and dst host 10.0.0.1
not arp|! arp and not icmp|not (arp or icmp)|arp or icmp and host 10.0.0.1|arp or (icmp and host 10.0.0.1)|host 10.0.0.1 or 10.0.0.9
host 10.0.0.1 and not 10.0.0.2|not host 10.0.0.1|tcp[tcpflags] & tcp-syn != 0|tcp[tcpflags] & (tcp-syn\\|tcp-fin) != 0|tcp[tcpflags] == tcp-syn\\|tcp-ack
icmp[icmptype] == icmp-echo|icmp[icmptype] != icmp-echo and icmp[icmptype] != icmp-echoreply|icmp6[icmp6type] == icmp6-neighborsolicit
ether[0] & 1 != 0|ether[0] & 1 = 0 and ip[16] >= 224|ip[2:2] > 100|len > 80|len <= 60|ip[8] + 1 == 65|ether[12:2] = 0x0806|tcp[13] = 2|ip6[6] = 58
udp[8:4] = 1|arp[6:2] = 1|ip[0] << 1 = 138|1 = 1|(ip[0] & 0xf) = 5|(ip[0] & 0xf) != 5|ip[6:2] & 0x1fff != 0|ip[8] / (ip[8] - 64) = 1|ip[8] % 2 = 0
not ip[8] = 64|ip[100] = 1|not ip[100] = 1|udp[4:2] - 8 > 10|((arp))|(tcp or udp) and port 9999|ip host 10.0.0.1|ip src 10.0.0.1
src 10.0.0.1 and not dst port 22|tcp src port http|port http|tcp port 80 and 443|icmp and (host 10.0.0.2 or net 224.0.0.0/4)|ip6 and udp
port 9999 and udp|udp and dst port 9999 and ip6|ip[ip[0] & 1] = 0|-1 = 0xffffffff|2 ^ 3 = 1|ether proto 0x10000|dst host 224.0.0.22 && igmp
`
  .trim()
  .split(/(?<!\\)\||\n/)
  .map((f) => f.replaceAll('\\|', '|').replaceAll('\\\\', '\\'));

const refused = `
icmp and and|foo|host|port 99999|ether host 1|host 10.0.0.300|vlan 5000|(arp|tcp[1000|net 10.0.0.0/33|src|host foo.invalid|port foo
ip6 host 10.0.0.1|arp port 5|net 10.0.0.1/24|less x|$|10.0.0.1|ether[0:3]=1|icmp[icmptype]=foo|ether proto 0x800 foo|inbound|outbound
gateway foo|icmp[0]|&& arp|arp &&|arp arp|ip host fe80::1|ether 02:00:00:00:00:01|host 02:00:00:00:00:01|tcp host 10.0.0.1|src 10.0.0.0/8
ip proto \\foo|ether proto \\foo|arp proto 6|tcp proto 6|port 1.2.3.4|host fe80::1/64|net fe80::1/64|net fe80::/129|ether host foo
ip[0] / 0 = 1|ip[0] % 0 = 1|ether|ip6 proto \\foo|proto \\foo|net foo|udp broadcast|host 10.0.0.1 10.0.0.2|not|()|arp)|ip6 port fe80::1|tcp broadcast|tcp multicast|portrange foo|ip proto tcp
`
  .trim()
  .split(/\||\n/)
  .map((f) => f.replaceAll('\\\\', '\\'));

describe.skipIf(reason !== '')(`like the real tcpdump${reason ? ` (${reason})` : ''}`, () => {
  test.each(filters)('%s', (filter) => {
    expect(ours(filter)).toEqual(real(filter));
  });

  test.each(refused)('refused: %s', (filter) => {
    const said = real(filter);
    expect(typeof said).toBe('string');
    expect(ours(filter)).toBe(said);
  });
});

test('any words: a filter or a reason, never an exception', () => {
  const words =
    'host net port src dst and or not ( ) [ ] : ip tcp ether vlan 10.0.0.1 fe80::1 02:00:00:00:00:01 7 / < = & len - proto \\udp foo less mask'.split(
      ' ',
    );
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 9 }), fc.constantFrom(...corpus), (w, b) => {
      const f = compileFilter(w.join(' '), ctx);
      if (typeof f !== 'string') f.matches(b, b.length, -1, 0);
    }),
    { numRuns: 3000 },
  );
  fc.assert(fc.property(fc.string(), (s) => void compileFilter(s, ctx)));
});
