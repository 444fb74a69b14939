// Reads a machine file: YAML in, checked data out, or a MachineError with every problem of the file. Load it lazily: it
// brings the YAML parser along. What the fields mean: docs/machine-file.md.

import { findProfile, profiles } from '../drivers/nic/profiles.ts';
import { validUnicast } from '../net/dev.ts';
import { ip4Of, macKeyOf } from '../wire/text.ts';
import {
  DEFAULT_AGEING_NS,
  DEFAULT_DELAY_NS,
  MACVLAN_ERAS,
  type Machine,
  type MachineCable,
  MachineError,
  type MachineNic,
  type MachinePeer,
  type MachineSwitch,
  type MacvlanEra,
  type PortRef,
  portText,
} from './machine.ts';
import { readOffload } from './offload-yaml.ts';
import { byPlace } from './problems.ts';
import { parseRate, parseRatio, parseTime } from './quantity.ts';
import { type Cursor, openYaml } from './yaml-cursor.ts';

const NIC = [
  'profile',
  'mac',
  'queues',
  'ring',
  'speed',
  'mtu',
  'busInfo',
  'unicastFilters',
  'offload',
  'bql',
] as const;
const MAX_MTU = 9702;

/** Throws a MachineError. `file` is only for messages. */
export function parseMachine(text: string, file: string): Machine {
  const { root, problems } = openYaml(text);
  if (problems.length > 0) throw new MachineError(file, problems);
  const machine = readMachine(root);
  if (problems.length > 0) throw new MachineError(file, problems.sort(byPlace));
  return machine;
}

/** The machine below that place of any file. */
export function readMachine(root: Cursor): Machine {
  const top = root.fields(['nics', 'cables', 'switches', 'peers', 'macvlan']);
  const nics = (top.nics?.entries() ?? []).map(([name, at, key]) => readNic(name, at, key));
  const switches = (top.switches?.entries() ?? []).map(([name, at, key]) => readSwitch(name, at, key));
  const peers = (top.peers?.entries() ?? []).map(([name, at, key]) => readPeer(name, at, key, switches));
  const ports = [
    ...nics.map((n) => n.name),
    ...switches.flatMap((s) => s.ports.map((p) => `${s.name}/${p}`)),
    ...peers.map((p) => `${p.name}/${p.nic.name}`),
  ];
  const used = new Map<string, string>();
  const cables = (top.cables?.items() ?? []).map((at) => readCable(at, ports, used)).filter((c) => c !== null);
  const macvlan = readEra(top.macvlan);
  return { ...(macvlan === null ? {} : { macvlan }), nics, cables, switches, peers };
}

/** Which macvlan the kernel has. */
function readEra(at: Cursor | undefined): MacvlanEra | null {
  const word = at?.text();
  if (at === undefined || word == null) return null;
  const era = MACVLAN_ERAS.find((e) => e === word);
  if (era === undefined) at.unknown('era of macvlan', word, MACVLAN_ERAS);
  return era ?? null;
}

export function deviceName(name: string, key: Cursor): void {
  if (name === '' || name.length > 15 || name === '.' || name === '..' || /[/:\s%]/.test(name)) {
    key.problem(`"${name}" is no device name: at most 15 characters, no spaces, no "/", ":" or "%"`);
  } else if (name === 'lo' || name === 'all' || name === 'default') key.problem(`the name "${name}" is taken`);
}

export function placeName(name: string, key: Cursor): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name))
    key.problem(`"${name}" is no name: letters, digits, "_", "." and "-"`);
}

function readNic(name: string, at: Cursor, key: Cursor): MachineNic {
  deviceName(name, key);
  return nicFields(name, at.fields(NIC));
}

function nicFields(name: string, f: Partial<Record<(typeof NIC)[number], Cursor>>): MachineNic {
  const profile = f.profile?.text() ?? 'generic';
  if (f.profile !== undefined && findProfile(profile) === null) {
    f.profile.unknown(
      'profile',
      profile,
      profiles.map((p) => p.name),
    );
  }
  const base = findProfile(profile)?.offload ?? null;
  return {
    name,
    profile,
    mac: f.mac === undefined ? null : readMac(f.mac),
    queues: f.queues?.integer(1, 128) ?? null,
    ring: f.ring?.integer(64, 8192) ?? null,
    speedBps: f.speed === undefined ? null : quantity(f.speed, parseRate, 'a rate such as 10Gbit'),
    mtu: f.mtu?.integer(68, findProfile(profile)?.maxMtu ?? MAX_MTU) ?? null,
    busInfo: f.busInfo?.text() ?? null,
    unicastFilters: f.unicastFilters?.integer(0, 65536) ?? null,
    ...(f.offload === undefined ? {} : { offload: readOffload(f.offload, base) }),
    ...(f.bql === undefined ? {} : { bql: f.bql.flag() ?? true }),
  };
}

export function readMac(at: Cursor): number | null {
  const text = at.word();
  if (text === null) return null;
  const mac = macKeyOf(text);
  if (Number.isNaN(mac)) at.problem(`"${text}" is no MAC address`);
  else if (!validUnicast(mac)) at.problem(`${text} cannot be a device's address: it is zero or a multicast`);
  else return mac;
  return null;
}

function quantity<T>(at: Cursor, parse: (text: string) => T | null, what: string): T | null {
  const text = at.word();
  if (text === null) return null;
  const value = parse(text);
  if (value === null) at.problem(`expected ${what}, found "${text}"`);
  return value;
}

function readSwitch(name: string, at: Cursor, key: Cursor): MachineSwitch {
  placeName(name, key);
  const f = at.fields(['ports', 'learning', 'hairpin', 'ageing']);
  if (f.ports === undefined) key.problem('a switch needs its "ports"');
  const ports: string[] = [];
  for (const item of f.ports?.items() ?? []) {
    const port = item.text();
    if (port === null) continue;
    deviceName(port, item);
    if (ports.includes(port)) item.problem(`port "${port}" is listed twice`);
    else ports.push(port);
  }
  return {
    name,
    ports,
    learning: f.learning?.flag() ?? true,
    hairpin: f.hairpin === undefined ? [] : readHairpin(f.hairpin, ports),
    ageingNs:
      (f.ageing === undefined ? null : quantity(f.ageing, parseTime, 'a time such as 300s')) ?? DEFAULT_AGEING_NS,
  };
}

/** All ports, none, or a list of them. */
function readHairpin(at: Cursor, ports: readonly string[]): string[] {
  if (at.isFlag) return at.flag() === true ? [...ports] : [];
  if (!at.isList) {
    at.problem('expected true, false or a list of ports');
    return [];
  }
  return at.items().flatMap((item) => {
    const port = item.text();
    if (port === null) return [];
    if (!ports.includes(port)) item.unknown('port', port, ports);
    return [port];
  });
}

function readPeer(name: string, at: Cursor, key: Cursor, switches: readonly MachineSwitch[]): MachinePeer {
  placeName(name, key);
  if (switches.some((s) => s.name === name)) key.problem(`a switch is called "${name}" already`);
  const f = at.fields(['nic', 'addresses', 'routes', 'up']);
  const nic = f.nic?.fields(['name', ...NIC]) ?? {};
  const nicName = nic.name?.text() ?? 'eth0';
  if (nic.name !== undefined) deviceName(nicName, nic.name);
  return {
    name,
    nic: nicFields(nicName, nic),
    addresses: (f.addresses?.items() ?? []).flatMap((item) => prefix(item, item.word()) ?? []),
    routes: (f.routes?.items() ?? []).flatMap((item) => readRoute(item) ?? []),
    up: f.up?.flag() ?? true,
  };
}

/** `192.168.0.10/24`; without a length, one host. */
function prefix(at: Cursor, text: string | null): { addr: number; prefixLen: number } | null {
  if (text === null) return null;
  const slash = text.indexOf('/');
  const addr = ip4Of(slash < 0 ? text : text.slice(0, slash));
  const prefixLen = slash < 0 ? 32 : Number(text.slice(slash + 1));
  if (Number.isNaN(addr) || !/^\d{1,2}$/.test(slash < 0 ? '32' : text.slice(slash + 1)) || prefixLen > 32) {
    at.problem(`"${text}" is no IPv4 address with a prefix length`);
    return null;
  }
  return { addr, prefixLen };
}

/** `default via 192.168.0.1` or `10.0.0.0/8 via 192.168.0.1`. */
function readRoute(at: Cursor): { dst: number; prefixLen: number; via: number } | null {
  const text = at.text();
  if (text === null) return null;
  const m = /^(\S+)\s+via\s+(\S+)$/.exec(text.trim());
  const via = m === null ? Number.NaN : ip4Of(m[2]);
  if (m === null || Number.isNaN(via)) {
    at.problem(`expected a route such as "default via 192.168.0.1", found "${text}"`);
    return null;
  }
  const dst = m[1] === 'default' ? { addr: 0, prefixLen: 0 } : prefix(at, m[1]);
  if (dst === null) return null;
  const mask = dst.prefixLen === 0 ? 0 : (0xffffffff << (32 - dst.prefixLen)) >>> 0;
  if ((dst.addr & mask) >>> 0 !== dst.addr) {
    at.problem(`${m[1]} has bits set beyond its prefix length`);
    return null;
  }
  return { dst: dst.addr, prefixLen: dst.prefixLen, via };
}

function readCable(at: Cursor, ports: readonly string[], used: Map<string, string>): MachineCable | null {
  const f = at.fields(['between', 'rate', 'delay', 'loss']);
  const rateBps = f.rate === undefined ? null : quantity(f.rate, parseRate, 'a rate such as 10Gbit');
  const delayNs = f.delay === undefined ? null : quantity(f.delay, parseTime, 'a time such as 5us');
  const loss = f.loss === undefined ? null : quantity(f.loss, parseRatio, 'a ratio such as 1/1000 or 0.1%');
  if (f.between === undefined) {
    at.problem('a cable needs "between": its two ports');
    return null;
  }
  const ends = f.between.items();
  const refs = ends.flatMap((end) => readPort(end, at.path, ports, used) ?? []);
  if (ends.length !== 2) f.between.problem(`a cable has two ends, not ${ends.length}`);
  if (ends.length !== 2 || refs.length !== 2) return null;
  return {
    between: [refs[0], refs[1]],
    rateBps,
    delayNs: delayNs ?? DEFAULT_DELAY_NS,
    lossNum: loss?.[0] ?? 0,
    lossDen: loss?.[1] ?? 1,
  };
}

function readPort(at: Cursor, cable: string, ports: readonly string[], used: Map<string, string>): PortRef | null {
  const text = at.text();
  if (text === null) return null;
  const slash = text.indexOf('/');
  const ref = slash < 0 ? { owner: '', port: text } : { owner: text.slice(0, slash), port: text.slice(slash + 1) };
  if (!ports.includes(portText(ref))) {
    at.unknown('port', text, ports);
    return null;
  }
  const before = used.get(text);
  if (before !== undefined) {
    at.problem(`port "${text}" has a cable already (${before})`);
    return null;
  }
  used.set(text, cable);
  return ref;
}
