// What hosts say at random times, unasked or in answer to a query: neighbour discovery, MLD, IGMP. Told as facts, one for each
// message or record of a report: how often it is said, when, and what else is in the same report is chance.

import { formatIp, formatMac } from '../../src/uapi/format.ts';
import { setU16, u16, u24 } from '../../src/wire/bytes.ts';
import { crc32, OURS } from '../oracle/text.ts';

const ETH_HLEN = 14;
const IP4 = 0x0800;
const IP6 = 0x86dd;
const IPPROTO_HOPOPTS = 0;
const IPPROTO_IGMP = 2;
const IPPROTO_ICMPV6 = 58;
const MLD_QUERY = 130;
const MLD_DONE = 132;
const MLDV2_REPORT = 143;
const IGMPV3_REPORT = 0x22;
const ND_OPT_NONCE = 14;
/** Where the options begin, by type: router solicitation and advertisement, neighbour solicitation and advertisement, redirect. */
const ND_OPTIONS: { readonly [type: number]: number } = { 133: 8, 134: 16, 135: 24, 136: 24, 137: 40 };

/** An address that a kernel made up is random. */
export function macAt(b: Uint8Array, at: number): string {
  const text = formatMac(u24(b, at) * 0x1000000 + u24(b, at + 3));
  return text.startsWith(OURS) || (b[at] & 1) !== 0 ? text : 'made-up';
}

/** By `namespace/device`: what was said there, and when first, in seconds. */
export type Facts = Map<string, Map<string, number>>;

export function know(all: Facts, dev: string, facts: readonly string[], seconds: number): void {
  const known = all.get(dev) ?? new Map<string, number>();
  all.set(dev, known);
  for (const fact of facts) if (!known.has(fact)) known.set(fact, seconds);
}

/** Null: a frame that has its time and place, and is compared as it is. `kind` as packet sockets have it. */
export function factsOf(kind: string, b: Uint8Array): string[] | null {
  if (b.length < ETH_HLEN + 20) return null;
  const [to, from] = [macAt(b, 0), macAt(b, 6)];
  const head = `${kind} ${from === 'made-up' && to.startsWith('33:33:ff') ? 'a made-up group' : to} < ${from}`;
  const told = u16(b, 12) === IP6 ? facts6(b) : u16(b, 12) === IP4 && b[23] === IPPROTO_IGMP ? igmp(b) : null;
  return told === null ? null : told.map((fact) => `${head} ${fact}`);
}

function facts6(b: Uint8Array): string[] | null {
  if (b.length < ETH_HLEN + 48) return null;
  const options = b[20] === IPPROTO_HOPOPTS;
  const at = ETH_HLEN + 40 + (options ? (b[ETH_HLEN + 41] + 1) * 8 : 0);
  if ((options ? b[ETH_HLEN + 40] : b[20]) !== IPPROTO_ICMPV6 || b.length < at + 8) return null;
  const type = b[at];
  const head = `hops ${b[21]}${options ? ' alert' : ''}`;
  if (type === MLDV2_REPORT) return records(b, at, 16).map((r) => `${head} MLDv2 ${r}`);
  if (type >= MLD_QUERY && type <= MLD_DONE) return [`${head} MLD ${type} ${groupOf(b, b.subarray(at + 8, at + 24))}`];
  return ND_OPTIONS[type] === undefined ? null : [`${head} ND ${type} ${discovery(b, at)}`];
}

/** All of it but what chance decides: the flow label, nonces, and the checksum over them. */
function discovery(b: Uint8Array, at: number): string {
  if (macAt(b, 6) === 'made-up') return '';
  const c = b.slice();
  c[15] &= 0xf0;
  setU16(c, 16, 0);
  setU16(c, at + 2, 0);
  for (let opt = at + ND_OPTIONS[b[at]]; opt + 2 <= c.length && c[opt + 1] > 0; opt += c[opt + 1] * 8) {
    if (c[opt] === ND_OPT_NONCE) c.fill(0, opt + 2, opt + c[opt + 1] * 8);
  }
  const target = b[at] >= 135 ? ` ${formatIp(b.subarray(at + 8, at + 24))}` : '';
  return `${formatIp(b.subarray(22, 38))} > ${formatIp(b.subarray(38, 54))}${target} ${crc32(c.subarray(ETH_HLEN))}`;
}

function igmp(b: Uint8Array): string[] | null {
  const at = ETH_HLEN + (b[ETH_HLEN] & 15) * 4;
  if (b.length < at + 8) return null;
  const head = `ttl ${b[22]}`;
  if (b[at] === IGMPV3_REPORT) return records(b, at, 4).map((r) => `${head} IGMPv3 ${r}`);
  return [`${head} IGMP ${b[at].toString(16)} ${groupOf(b, b.subarray(at + 4, at + 8))}`];
}

/** The group records of an MLDv2 or IGMPv3 report, which are alike but for the size of addresses. */
function records(b: Uint8Array, at: number, size: number): string[] {
  const out: string[] = [];
  let rec = at + 8;
  for (let n = u16(b, at + 6); n > 0 && rec + 4 + size <= b.length; n--) {
    const sources = u16(b, rec + 2);
    out.push(
      `record ${b[rec]} ${groupOf(b, b.subarray(rec + 4, rec + 4 + size))}${sources === 0 ? '' : ` of ${sources}`}`,
    );
    rec += 4 + size + sources * size + b[rec + 1] * 4;
  }
  return out;
}

/** The solicited-node group of an address that was made of a made-up one is random too. */
function groupOf(frame: Uint8Array, group: Uint8Array): string {
  const text = formatIp(group.length === 4 ? new DataView(group.slice().buffer).getUint32(0) : group.slice());
  return macAt(frame, 6) === 'made-up' && text.startsWith('ff02::1:ff') ? 'ff02::1:ff made-up' : text;
}

/** Random delays are a second at the most, and two of them may come one after the other. */
const CHANCE_S = 2.2;

/** `namespace/device fact`. */
export interface Expected {
  /** What every run of the model has, in good time before its script ends, on devices that are there then. */
  readonly must: ReadonlySet<string>;
  /** What any run has, also long after the script. */
  readonly may: ReadonlySet<string>;
}

interface Run {
  readonly facts: Facts;
  readonly left: ReadonlySet<string>;
  readonly ended: number;
}

/** From runs of the model that differ in chance, and `slow` ones, where commands take their time as on a busy machine. */
export function expectedOf(runs: readonly Run[], slow: readonly Run[]): Expected {
  const all = [...runs, ...slow].map(({ facts }) => new Set(told(facts, () => true)));
  const soon = runs.map(({ facts, left, ended }) => told(facts, (dev, at) => left.has(dev) && at <= ended - CHANCE_S));
  const sure = soon.reduce((a, b) => a.filter((fact) => b.includes(fact)));
  return {
    must: new Set(sure.filter((fact) => all.every((facts) => facts.has(fact)))),
    may: new Set(all.flatMap((facts) => [...facts])),
  };
}

/** What a run on the kernel lacks of it, and what it has beside it. */
export function factsDiffer({ must, may }: Expected, kernel: Facts): string[] {
  const said = new Set(told(kernel, () => true));
  return [
    ...[...must].filter((fact) => !said.has(fact)).map((fact) => `the model alone says: ${fact}`),
    ...[...said].filter((fact) => !may.has(fact)).map((fact) => `the kernel alone says: ${fact}`),
  ];
}

function told(facts: Facts, wanted: (dev: string, at: number) => boolean): string[] {
  return [...facts].flatMap(([dev, known]) =>
    [...known].filter(([, at]) => wanted(dev, at)).map(([fact]) => `${dev} ${fact}`),
  );
}

/** Every command that sets something takes that many seconds more. */
export function slowed(script: string, seconds: number): string {
  return script.replace(/^ip .*[^\\\n]$/gm, (line) => `${line}\nsleep ${seconds}`);
}
