// A lab that is about to be written: what somebody asked for, with addresses given out. write.ts puts it into words.

import { formatIp, parseIp } from '../../uapi/format.ts';
import { prefixOf } from '../file/address-yaml.ts';
import type { LabMode } from '../file/lab.ts';

export interface Draft {
  readonly lab: string;
  /** Why it is as it is, for the head of the file. */
  readonly notes: readonly string[];
  /** NICs for the model and the sandbox, with a peer on a switch; null: `host: true`. */
  readonly machine: { readonly nics: readonly string[]; readonly peer: string | null } | null;
  readonly networks: readonly DraftNetwork[];
  readonly endpoints: readonly DraftEndpoint[];
  readonly expect: readonly string[];
}

export interface DraftNetwork {
  readonly name: string;
  readonly lower: string;
  readonly mode: LabMode;
  readonly vlan: number | null;
  readonly mtu: number | null;
  readonly hostShim: readonly string[] | null;
  readonly broadcastQueue: number | null;
  readonly broadcastCutoff: number | null;
  readonly nopromisc: boolean;
  readonly nodst: boolean;
  /** As the file writes it; null: as the kernel has it. */
  readonly ipv6: string | null;
}

export interface DraftEndpoint {
  readonly name: string;
  readonly network: string;
  /** As the file writes it; null: one with the endpoint's name. */
  readonly netns: string | null;
  readonly device: string;
  /** `kind`, `promisc`, `allmulti`, `arp`: as the file writes them, where they are not the kernel's. */
  readonly traits: readonly string[];
  readonly altnames: readonly string[];
  readonly mac: string | null;
  readonly addresses: readonly string[];
  readonly gateway: string | null;
  readonly routes: readonly string[];
  readonly sources: readonly string[];
}

export interface Answers {
  readonly lab: string;
  readonly lower: string;
  readonly mode: LabMode;
  readonly endpoints: readonly string[];
  readonly subnets: readonly string[];
  readonly gateway: string | null;
  readonly hostShim: boolean;
  readonly vlan: number | null;
  readonly machine: boolean;
}

/** An answer that makes no lab. */
export class DraftError extends Error {
  override readonly name = 'DraftError';
}

/** Throws DraftError. */
export function draftOf(answers: Answers): Draft {
  const { lab, lower, mode, endpoints, subnets, gateway, hostShim, vlan } = answers;
  if (mode === 'passthru' && endpoints.length + (hostShim ? 1 : 0) > 1) {
    throw new DraftError('passthru: one macvlan has the device to itself, so there is one endpoint and no host shim');
  }
  const pools = subnets.map((s) => poolOf(s, gateway));
  const shim = hostShim ? pools.map((next) => next()) : null;
  if (shim !== null && shim.length === 0) throw new DraftError('a host shim needs an address: give a subnet');
  const peer = answers.machine && pools.length > 0 ? pools[0]() : null;
  const blank = { mtu: null, broadcastQueue: null, broadcastCutoff: null, nopromisc: false, nodst: false, ipv6: null };
  return {
    lab,
    notes: [],
    machine: answers.machine ? { nics: [lower], peer } : null,
    networks: [{ name: 'lan', lower, mode, vlan, hostShim: shim, ...blank }],
    endpoints: endpoints.map((name) => ({
      ...{
        name,
        network: 'lan',
        netns: null,
        device: 'eth0',
        traits: [],
        altnames: [],
        mac: null,
        routes: [],
        sources: [],
      },
      addresses: pools.map((next) => next()),
      gateway: pools.length > 0 ? gateway : null,
    })),
    expect: pools.length > 0 ? expectations(answers) : [],
  };
}

/** Addresses of a subnet one after the other, from .10 on where there is room, without the gateway's. */
function poolOf(subnet: string, gateway: string | null): () => string {
  const prefix = prefixOf(subnet);
  const base = prefix === null || !subnet.includes('/') ? null : parseIp(prefix.address);
  if (prefix === null || base === null) {
    throw new DraftError(`"${subnet}" is no subnet, as 192.168.7.0/24 or fd00:7::/64`);
  }
  const free = (prefix.family === 4 ? 32 : 128) - prefix.length;
  const size = free >= 16 ? 65536 : 2 ** free;
  let n = size >= 32 ? 10 : 1;
  return () => {
    for (;;) {
      if (n >= size - 1) throw new DraftError(`${subnet} has too few addresses`);
      const text = at(base, prefix.length, n++);
      if (text !== gateway) return `${text}/${prefix.length}`;
    }
  };
}

function at(base: number | Uint8Array, length: number, n: number): string {
  if (typeof base === 'number') {
    const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0;
    return formatIp((((base & mask) >>> 0) + n) >>> 0);
  }
  const bytes = base.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))) & 0xff);
  bytes[14] |= n >> 8;
  bytes[15] |= n & 0xff;
  return formatIp(bytes);
}

/** What the mode promises without a switch that reflects: a chain of neighbours, and the host. */
function expectations({ mode, endpoints, hostShim }: Answers): string[] {
  const meets = mode === 'bridge';
  const arrow = meets ? '<->' : '</>';
  const chain = endpoints.slice(1).map((name, i) => `${endpoints[i]} ${arrow} ${name}`);
  const host = endpoints.slice(0, 1).map((name) => `${name} ${meets && hostShim ? '<->' : '</>'} host`);
  return mode === 'source' ? [] : [...chain, ...host];
}
