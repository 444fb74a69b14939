// Reads a lab file: YAML in, checked data out, or a LabError with every problem of the file. Load it lazily: it brings the
// YAML parser along. What the fields mean: docs/lab-file.md.

import { DesiredError, desiredOf } from '../apply/desired.ts';
import type { Machine } from '../machine.ts';
import { deviceName, placeName, readMac, readMachine } from '../machine-yaml.ts';
import { byPlace } from '../problems.ts';
import { type Cursor, openYaml } from '../yaml-cursor.ts';
import { readAddresses, readGateway, readMacs, readRoutes } from './address-yaml.ts';
import { choice, readIpv6, readKind, readTraits, TRAIT_FIELDS } from './device-yaml.ts';
import { readExpectations } from './expect-yaml.ts';
import {
  type HostShim,
  type Lab,
  type LabEndpoint,
  LabError,
  type LabMode,
  type LabNetwork,
  type NetnsRef,
} from './lab.ts';

const MODES: readonly LabMode[] = ['private', 'vepa', 'bridge', 'passthru', 'source'];

/** Throws a LabError. `file` names the lab where the file does not, and is in the messages. */
export function parseLab(text: string, file: string): Lab {
  const { root, problems } = openYaml(text);
  const lab = problems.length > 0 ? null : readLab(root, nameOf(file));
  if (lab === null || problems.length > 0) throw new LabError(file, problems.sort(byPlace));
  return lab;
}

/** With what only the lab as a whole shows, as two devices of one address. Throws a LabError. */
export function parseWholeLab(text: string, file: string): Lab {
  const lab = parseLab(text, file);
  try {
    desiredOf(lab);
  } catch (error) {
    if (!(error instanceof DesiredError)) throw error;
    const { root, problems } = openYaml(text);
    fieldAt(root, error.path).problem(error.message);
    throw new LabError(file, problems);
  }
  return lab;
}

/** The field, or where it is not written what it would be in. */
function fieldAt(root: Cursor, path: readonly string[]): Cursor {
  let [at, key] = [root, root];
  for (const step of path) {
    const found = at.isText ? undefined : at.entries().find(([name]) => name === step);
    if (found === undefined) break;
    [, at, key] = found;
  }
  return key;
}

/** `x/back-to-back.yaml` is `back-to-back`; `x/lab.yaml` is `x`. */
function nameOf(file: string): string {
  const parts = file.split(/[/\\]/);
  const base = (parts.pop() ?? '').replace(/\.(ya?ml|json)$/, '');
  const name = base === 'lab' ? (parts.pop() ?? base) : base;
  return name.replace(/[^A-Za-z0-9_.-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'lab';
}

function readLab(root: Cursor, fileName: string): Lab {
  const top = root.fields(['lab', 'machine', 'host', 'networks', 'endpoints', 'expect']);
  const name = top.lab?.text() ?? fileName;
  if (top.lab !== undefined) placeName(name, top.lab);
  const host = top.host?.flag() ?? false;
  if (host && top.machine !== undefined) top.host?.problem('a lab has a "machine" or a "host", not both');
  const machine = top.machine === undefined ? null : readMachine(top.machine);
  if (machine === null && !host) {
    root.problem('where? "machine:" describes hardware for the model and the sandbox, "host: true" takes this machine');
  }
  const networks = (top.networks?.entries() ?? []).map(([n, at, key]) => readNetwork(n, at, key, machine));
  const endpoints = (top.endpoints?.entries() ?? []).map(([n, at, key]) => readEndpoint(n, at, key, networks, machine));
  twice(endpoints, top.endpoints);
  const expect = top.expect === undefined ? [] : readExpectations(top.expect, endpoints, machine);
  return { name, machine, networks, endpoints, expect };
}

function readNetwork(name: string, at: Cursor, key: Cursor, machine: Machine | null): LabNetwork {
  placeName(name, key);
  const f = at.fields([
    'lower',
    'mode',
    'vlan',
    'mtu',
    'offload',
    'hostShim',
    'macs',
    'queues',
    'txQueueLength',
    'broadcastQueue',
    'broadcastCutoff',
    'nopromisc',
    'nodst',
    'ipv6',
  ]);
  const lower = f.lower?.text() ?? '';
  if (f.lower === undefined) key.problem('a network needs its "lower": the device that its macvlans stand on');
  else if (machine !== null && !machine.nics.some((n) => n.name === lower)) {
    f.lower.unknown(
      'NIC',
      lower,
      machine.nics.map((n) => n.name),
    );
  } else deviceName(lower, f.lower);
  const mode = f.mode === undefined ? 'bridge' : choice(f.mode, 'mode', MODES, 'bridge');
  if (mode !== 'source' && f.nodst !== undefined) f.nodst.problem('only source mode knows "nodst"');
  if (mode !== 'passthru' && f.nopromisc !== undefined) f.nopromisc.problem('only passthru mode knows "nopromisc"');
  return {
    name,
    lower,
    mode,
    vlan: f.vlan?.integer(1, 4094) ?? null,
    mtu: f.mtu?.integer(68, 65535) ?? null,
    offload: f.offload?.flag() ?? null,
    hostShim: f.hostShim === undefined ? null : readShim(f.hostShim, name),
    macs: f.macs === undefined ? 'stable' : choice(f.macs, 'policy', ['stable', 'random'], 'stable'),
    queues: f.queues?.integer(1, 4096) ?? null,
    txQueueLen: f.txQueueLength?.integer(0, 0xffffffff) ?? null,
    bcQueueLen: f.broadcastQueue?.integer(0, 0xffffffff) ?? null,
    bcCutoff: f.broadcastCutoff?.integer(-1, 0x7fffffff) ?? null,
    nopromisc: f.nopromisc?.flag() ?? false,
    nodst: f.nodst?.flag() ?? false,
    ...readIpv6(f.ipv6),
  };
}

/** `hostShim: 192.168.0.250/24`, or a map. */
function readShim(at: Cursor, network: string): HostShim {
  const device = `${network.slice(0, 10)}-shim`;
  if (at.isText) return { device, addresses: readAddresses([at]), routes: [], ...readTraits({}, device) };
  const f = at.fields(['device', 'addresses', 'routes', ...TRAIT_FIELDS]);
  if (f.device !== undefined) deviceName(f.device.text() ?? device, f.device);
  return {
    device: f.device?.text() ?? device,
    addresses: readAddresses(f.addresses?.items() ?? []),
    routes: readRoutes(f.routes?.items() ?? []),
    ...readTraits(f, f.device?.text() ?? device),
  };
}

function readEndpoint(
  name: string,
  at: Cursor,
  key: Cursor,
  networks: readonly LabNetwork[],
  machine: Machine | null,
): LabEndpoint {
  placeName(name, key);
  if (name === 'host' || machine?.peers.some((p) => p.name === name)) key.problem(`the name "${name}" is taken`);
  const own = ['network', 'netns', 'device', 'mac', 'addresses', 'routes', 'gateway', 'sources', 'kind'] as const;
  const f = at.fields([...own, ...TRAIT_FIELDS]);
  const names = networks.map((n) => n.name);
  const network = f.network?.text() ?? (names.length === 1 ? names[0] : '');
  if (f.network !== undefined && !names.includes(network)) f.network.unknown('network', network, names);
  else if (network === '' && names.length > 1) key.problem(`which network: ${names.join(', ')}?`);
  else if (names.length === 0) key.problem('there are no networks');
  const device = f.device?.text() ?? 'eth0';
  if (f.device !== undefined) deviceName(device, f.device);
  const gateway = f.gateway === undefined ? [] : readGateway(f.gateway);
  const mode = networks.find((n) => n.name === network)?.mode;
  if (f.sources !== undefined && mode !== undefined && mode !== 'source') {
    f.sources.problem(`"sources" belong to source mode; "${network}" is in ${mode} mode`);
  }
  return {
    name,
    network,
    netns: f.netns === undefined ? { kind: 'name', name } : readNetns(f.netns),
    device,
    mac: f.mac === undefined ? null : readMac(f.mac),
    addresses: readAddresses(f.addresses?.items() ?? []),
    routes: [...readRoutes(f.routes?.items() ?? []), ...gateway],
    sources: readMacs(f.sources?.items() ?? []),
    kind: readKind(f.kind),
    ...readTraits(f, device),
  };
}

/** `host`, a name, `{ pid: 4711 }`, `{ path: /proc/4711/ns/net }`. */
function readNetns(at: Cursor): NetnsRef {
  if (at.isText) {
    const name = at.text() ?? '';
    if (name === 'host') return { kind: 'host' };
    if (name.length > 255 || !/^[^/\s]+$/.test(name) || name.startsWith('.'))
      at.problem(`"${name}" is no namespace's name`);
    return { kind: 'name', name };
  }
  const f = at.fields(['pid', 'path']);
  if ((f.pid === undefined) === (f.path === undefined)) at.problem('a namespace is a name, a "pid" or a "path"');
  if (f.pid !== undefined) return { kind: 'pid', pid: f.pid.integer(1, 4194304) ?? 1 };
  const path = f.path?.text() ?? '';
  if (f.path !== undefined && !path.startsWith('/')) f.path.problem('a path begins with /');
  return { kind: 'path', path };
}

/** Two devices of one name in one namespace. */
function twice(endpoints: readonly LabEndpoint[], at: Cursor | undefined): void {
  const seen = new Map<string, string>();
  for (const [i, [name, , key]] of (at?.entries() ?? []).entries()) {
    const endpoint = endpoints[i];
    const place = `${JSON.stringify(endpoint.netns)}/${endpoint.device}`;
    const before = seen.get(place);
    if (before !== undefined) key.problem(`"${before}" has the device ${endpoint.device} in that namespace already`);
    else seen.set(place, name);
  }
}
