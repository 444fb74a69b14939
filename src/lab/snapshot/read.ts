// Takes a snapshot of a kernel: of every namespace that can be entered, all that decides where a packet goes. It reads
// only. The model and Linux answer the same questions; lab/snapshot/kernel.ts has what Linux alone can tell.

import { NlClient } from '../../netlink/client.ts';
import { LINK } from '../../netlink/payload.ts';
import { RTM_GETLINK } from '../../uapi/msgtype.ts';
import { Dumps } from './dump.ts';
import { FeatureReader } from './features.ts';
import { readAddresses, readNeighbours, readRoutes, readRules } from './inet.ts';
import type { SnapshotKernel } from './kernel.ts';
import { readFdb, readQdiscs } from './layer2.ts';
import { type Beside, linkOf } from './link.ts';
import { openAll, readNsids } from './nsids.ts';
import { findPlaces, releasePlaces, type SnapPlace } from './places.ts';
import {
  namespaceName,
  SNAPSHOT_FORMAT,
  SNAPSHOT_VERSION,
  type SnapEnvironment,
  type SnapLink,
  type SnapNamespace,
  type Snapshot,
} from './snapshot.ts';
import { NAMESPACE_SYSCTLS, sysctlName } from './sysctls.ts';
import { isoTime } from './time.ts';

/** NETLINK_GENERIC. */
const GENERIC = 16;
const NOWHERE: SnapEnvironment = { vendor: null, product: null, bios: null, hypervisor: null };

export function readSnapshot(kernel: SnapshotKernel): Snapshot {
  const unseen: string[] = [];
  const places = findPlaces(kernel, unseen);
  const fds = openAll(kernel, places);
  try {
    const features = new FeatureReader();
    const namespaces = places.flatMap((place) => readNamespace(kernel, place, fds, features, unseen) ?? []);
    for (const ns of namespaces) sayFarNamespaces(ns, unseen);
    return {
      format: SNAPSHOT_FORMAT,
      version: SNAPSHOT_VERSION,
      taken: isoTime(kernel.wallNs()),
      kernel: procText(kernel, '/proc/sys/kernel/osrelease') || 'model',
      hostname: procText(kernel, '/proc/sys/kernel/hostname'),
      namespaces,
      environment: kernel.environment?.() ?? NOWHERE,
      unseen,
    };
  } finally {
    for (const fd of fds.values()) kernel.nsClose(fd);
    releasePlaces(kernel, places);
  }
}

function procText(kernel: SnapshotKernel, path: string): string {
  const text = kernel.readFile(kernel.initNs, path);
  return typeof text === 'string' ? text.trim() : '';
}

/** Null: it cannot be entered. */
function readNamespace(
  kernel: SnapshotKernel,
  place: SnapPlace,
  fds: ReadonlyMap<SnapPlace, number>,
  reader: FeatureReader,
  unseen: string[],
): SnapNamespace | null {
  const { host, names, paths, holders, processes } = place;
  const base = { id: place.ns.inode, host, names, paths, holders, processes };
  const called = calledOf(base);
  const open: NlClient[] = [];
  try {
    const route = new NlClient(kernel.netlink(place.ns, 0));
    open.push(route);
    const generic = new NlClient(kernel.netlink(place.ns, GENERIC));
    open.push(generic);
    const dumps = new Dumps(route, called, unseen);
    const features = reader.read(generic, called, unseen);
    // Files are read when the dump is through: a slow reader meets more changes.
    const bare = dumps
      .each('links', LINK, RTM_GETLINK, {}, {}, (m) =>
        linkOf(m, { ...NO_FACTS, driver: '', features: features.get(m.header.index) ?? null }),
      )
      .map((link) => withFacts(kernel, place, link));
    const nsids = readNsids(dumps, fds);
    const links = bare.map((link) => withNamespace(link, nsids));
    return {
      ...base,
      nsids,
      links,
      addresses: readAddresses(dumps),
      routes: readRoutes(dumps),
      rules: readRules(dumps),
      neighbours: readNeighbours(dumps),
      fdb: readFdb(dumps),
      qdiscs: readQdiscs(dumps),
      sysctls: readSysctls(kernel, place),
    };
  } catch (error) {
    if (host) throw error;
    unseen.push(`namespace ${called} was not looked at: ${(error as Error).message}`);
    return null;
  } finally {
    for (const client of open) client.close();
  }
}

function calledOf(ns: Parameters<typeof namespaceName>[0]): string {
  return namespaceName(ns) || 'the host';
}

function withNamespace(link: SnapLink, nsids: SnapNamespace['nsids']): SnapLink {
  if (link.linkNsid === null) return link;
  return { ...link, linkNamespace: nsids.find((n) => n.nsid === link.linkNsid)?.namespace ?? null };
}

function withFacts(kernel: SnapshotKernel, place: SnapPlace, link: SnapLink): SnapLink {
  const { name, index, bus, busDevice, queues } = link;
  const driver = bus === '' ? '' : driverOf(kernel, place, bus, busDevice, name);
  if (!place.host) return driver === '' ? link : { ...link, driver };
  const { trafficClass, ...facts } = hostFacts(kernel, name, index, queues.tx);
  return { ...link, ...facts, driver, queues: { ...queues, trafficClass } };
}

type HostFacts = Pick<Beside, 'wireless' | 'macRandom' | 'trafficClass'>;

const NO_FACTS: HostFacts = { wireless: false, macRandom: null, trafficClass: [] };
/** NET_ADDR_RANDOM. */
const RANDOM = 1;

/** From /sys/class/net, which shows the namespace that it was mounted in: an ifindex that differs is another device. */
function hostFacts(kernel: SnapshotKernel, name: string, index: number, txQueues: number): HostFacts {
  const base = `/sys/class/net/${name}`;
  const read = (path: string) => kernel.readFile(kernel.initNs, `${base}/${path}`);
  const shown = read('ifindex');
  if (typeof shown !== 'string' || Number(shown) !== index) return NO_FACTS;
  const uevent = read('uevent');
  const assigned = read('addr_assign_type');
  const macRandom = typeof assigned === 'string' ? Number(assigned) === RANDOM : null;
  const wireless = typeof uevent === 'string' && /^DEVTYPE=wlan$/m.test(uevent);
  const trafficClass: string[] = [];
  for (let i = 0; i < txQueues && txQueues > 1; i++) {
    const text = read(`queues/tx-${i}/traffic_class`);
    trafficClass.push(typeof text === 'string' ? text.trim() : '');
  }
  return { wireless, macRandom, trafficClass: trafficClass.every((t) => t === '') ? [] : trafficClass };
}

function driverOf(kernel: SnapshotKernel, place: SnapPlace, bus: string, device: string, ifname: string): string {
  if (kernel.driverOf !== undefined) return kernel.driverOf(bus, device);
  const info = kernel.drvInfo?.(place.ns, ifname);
  return typeof info === 'object' ? info.driver : '';
}

function readSysctls(kernel: SnapshotKernel, place: SnapPlace): Record<string, string> {
  const paths = NAMESPACE_SYSCTLS.map((path) => `/proc/sys/${path}`);
  const texts = kernel.readFiles?.(place.ns, paths) ?? paths.map((path) => kernel.readFile(place.ns, path));
  const out: Record<string, string> = {};
  for (const [i, text] of texts.entries()) {
    if (typeof text === 'string') out[sysctlName(NAMESPACE_SYSCTLS[i])] = text.trim();
  }
  return out;
}

/** A device whose other half is in a namespace that no name, file or process leads to. */
function sayFarNamespaces(ns: SnapNamespace, unseen: string[]): void {
  const far = ns.links.filter((l) => l.linkNsid !== null && l.linkNamespace === null);
  if (far.length === 0) return;
  const some = far
    .slice(0, 3)
    .map((l) => l.name)
    .join(', ');
  const more = far.length > 3 ? ` and ${far.length - 3} more` : '';
  unseen.push(
    `${calledOf(ns)}: what ${some}${more} ${far.length === 1 ? 'is' : 'are'} on (or joined to) is in a namespace that no name, file or process leads to`,
  );
}
