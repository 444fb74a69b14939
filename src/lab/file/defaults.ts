// What holds of a lab's networks and endpoints where its file says nothing, or says just that: docs/lab-file.md has the table.

import { placeName } from '../apply/access.ts';
import type { Lab, LabEndpoint, LabNetwork } from './lab.ts';

/** A field of the file, its value as data (null: left to the kernel, or none), and in words (null: left as it is). */
type Default = readonly [field: string, value: unknown, words: string | null];

/** IPv6 on a new device of Linux, unless its namespace says otherwise. */
const IPV6: readonly Default[] = [
  ['acceptRa', 1, 'accept_ra 1'],
  ['autoconf', true, 'autoconf 1'],
  ['acceptDad', 1, 'accept_dad 1'],
  ['addrGenMode', 'eui64', 'addrgenmode eui64'],
];

function networkDefaults(n: LabNetwork, endpoints: readonly LabEndpoint[]): Default[] {
  const kinds = new Set(endpoints.flatMap((e) => (e.network === n.name ? e.kind : [])));
  const txqueuelen = kinds.has('macvtap') ? (kinds.size === 1 ? '500' : '1000 (macvtap 500)') : '1000';
  const out: Default[] = [];
  const add = (is: boolean, ...d: Default): void => void (is && out.push(d));
  add(n.mode === 'bridge', 'mode', 'bridge', 'mode bridge');
  add(n.vlan === null, 'vlan', null, 'no VLAN');
  add(n.mtu === null, 'mtu', null, `mtu as ${n.lower}`);
  add(n.offload === null, 'offload', null, null);
  add(n.hostShim === null, 'hostShim', null, 'no host shim');
  add(n.macs === 'stable' && n.mode !== 'passthru', 'macs', 'stable', 'stable MAC addresses');
  add(n.queues === null, 'queues', 1, '1 queue');
  add(n.txQueueLen === null, 'txQueueLength', null, `txqueuelen ${txqueuelen}`);
  add(n.bcQueueLen === null, 'broadcastQueue', null, 'bcqueuelen 1000');
  add(n.bcCutoff === null, 'broadcastCutoff', null, 'bclim 1');
  add(n.mode === 'passthru' && !n.nopromisc, 'nopromisc', false, `${n.lower} promiscuous`);
  add(n.mode === 'source' && !n.nodst, 'nodst', false, 'no nodst');
  if (!n.ipv6) return out;
  const six = IPV6.filter(([field]) => !(field in n.ipv6Settings));
  if (six.length > 0) {
    out.push(['ipv6', Object.fromEntries(six), `IPv6 with ${six.map(([, , words]) => words).join(', ')}`]);
  }
  return out;
}

function endpointDefaults(e: LabEndpoint): Default[] {
  const own = e.netns.kind === 'name' && placeName(e.netns) === e.name;
  const out: Default[] = [];
  const add = (is: boolean, ...d: Default): void => void (is && out.push(d));
  add(own, 'netns', e.name, 'a namespace of its own name');
  add(e.kind === 'macvlan', 'kind', 'macvlan', 'kind macvlan');
  add(e.device === 'eth0', 'device', 'eth0', 'device eth0');
  add(e.mac === null, 'mac', null, 'MAC address as its network says');
  add(e.addresses.length === 0, 'addresses', [], 'no addresses');
  add(e.routes.length === 0, 'routes', [], 'no routes');
  add(e.promisc === null, 'promisc', null, null);
  add(e.allmulti === null, 'allmulti', null, null);
  add(e.arp === null, 'arp', null, null);
  add(e.altnames === null, 'altnames', null, null);
  return out;
}

/** A line for each network, and one for what all endpoints have in common. */
export function defaultsText({ networks, endpoints }: Lab): string {
  const lines = networks.map((n) => `  ${n.name}: ${wordsOf(networkDefaults(n, endpoints))}\n`);
  const [first, ...others] = endpoints.map(endpointDefaults);
  if (first !== undefined) {
    const common = first.filter(([field]) => others.every((o) => o.some(([f]) => f === field)));
    if (common.length > 0)
      lines.push(`  ${endpoints.length === 1 ? 'the endpoint' : 'all endpoints'}: ${wordsOf(common)}\n`);
  }
  return lines.length === 0 ? '' : `defaults that apply\n${lines.join('')}`;
}

export function defaultsData({ networks, endpoints }: Lab): object {
  return {
    networks: Object.fromEntries(networks.map((n) => [n.name, dataOf(networkDefaults(n, endpoints))])),
    endpoints: Object.fromEntries(endpoints.map((e) => [e.name, dataOf(endpointDefaults(e))])),
  };
}

function wordsOf(defaults: readonly Default[]): string {
  const left = defaults.flatMap(([field, , words]) => (words === null ? field : []));
  const said = defaults.flatMap(([, , words]) => words ?? []);
  if (left.length > 0) said.push(`${left.join(', ')} left as ${left.length === 1 ? 'it is' : 'they are'}`);
  return said.join(', ');
}

function dataOf(defaults: readonly Default[]): object {
  return Object.fromEntries(defaults.map(([field, value]) => [field, value]));
}
