// Links of a snapshot in a model, in an order in which each finds what it stands on; all down. load-state.ts does the rest.

import type { NetNs } from '../../net/netns.ts';
import { LINK } from '../../netlink/payload.ts';
import { parseMac } from '../../uapi/format.ts';
import { MACVLAN_FLAG_NODST, MACVLAN_FLAG_NOPROMISC, MACVLAN_MACADDR_SET, MACVLAN_MODES } from '../../uapi/linkinfo.ts';
import { RTM_NEWLINK } from '../../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/netlink.ts';
import { makeNic, makeUnseenNic } from './load-nic.ts';
import { linkName, lowerOf, type SnapLink, type SnapNamespace } from './snapshot.ts';
import { refusalText, type World } from './world.ts';

interface Task {
  readonly ns: SnapNamespace;
  readonly link: SnapLink;
}

/** Those that stand on another device. */
const UPPER = new Set(['macvlan', 'macvtap', 'vlan']);
const PLAIN = new Set(['dummy', 'bridge', 'bond']);
/** REORDER_HDR, GVRP, LOOSE_BINDING, MVRP, BRIDGE_BINDING. */
const ALL_VLAN_FLAGS = 0x1f;
const NEW = NLM_F_CREATE | NLM_F_EXCL;

export function makeLinks(world: World): void {
  const { snapshot } = world;
  let waiting: Task[] = snapshot.namespaces.flatMap((ns) => ns.links.map((link) => ({ ns, link })));
  while (waiting.length > 0) {
    const later = waiting.filter((task) => !make(world, task));
    if (later.length === waiting.length) {
      for (const { ns, link } of later) world.note(ns, `${link.name}: what it stands on is not in the snapshot`);
      return;
    }
    waiting = later;
  }
}

/** False: what it stands on is not there yet. */
function make(world: World, task: Task): boolean {
  const { ns, link } = task;
  if (world.device(ns, link) !== null) return true; // lo, and the second end of a pair
  if (link.kind === 'veth') makePair(world, task);
  else if (UPPER.has(link.kind)) return makeUpper(world, task);
  else if (PLAIN.has(link.kind)) create(world, world.at(ns.id), task, {});
  else makeNic(world, ns, link);
  return true;
}

/** `more`: attributes of the kind. */
function create(world: World, from: NetNs, { ns, link }: Task, more: object, data: object | null = null): void {
  const target = world.at(ns.id);
  const attrs = {
    ...common(link),
    ...more,
    ...(from === target ? {} : { netNsFd: world.fd(target) }),
    linkinfo: { kind: link.kind, ...(data === null ? {} : { data }) },
  };
  const refusal = world.ask(from, LINK, RTM_NEWLINK, NEW, { index: link.index }, attrs);
  if (refusal !== null) world.note(ns, `${link.name}: the model could not make it: ${refusalText(refusal)}`);
}

function common(link: SnapLink): object {
  return {
    ifname: link.name,
    mtu: link.mtu,
    txqlen: link.txqlen,
    group: link.group,
    numTxQueues: link.queues.tx,
    numRxQueues: link.queues.rx,
    ...(link.mac === null || link.kind === 'bridge' ? {} : { address: parseMac(link.mac) }),
  };
}

function makeUpper(world: World, task: Task): boolean {
  const { ns, link } = task;
  const lower = lowerOf(world.snapshot, ns, link);
  const from = lower === null ? lowerSpace(world, task) : world.at(lower.ns.id);
  if (lower !== null && world.device(lower.ns, lower.link) === null) return false;
  const data = link.vlan === null ? macvlanData(link) : vlanData(link);
  create(world, from, task, { link: link.link ?? 0 }, data);
  const dev = world.device(ns, link);
  if (link.macvlan?.mode === 'source' && dev !== null) setSources(world, task);
  return true;
}

/** A lower device that nobody has seen: there is one of its number, of which nothing else is known. */
function lowerSpace(world: World, { ns, link }: Task): NetNs {
  const where = link.linkNsid === null ? world.at(ns.id) : world.unseen(world.at(ns.id), link.linkNsid);
  if (link.link !== null && where !== world.at(ns.id)) {
    makeUnseenNic(world, where, link.link, link);
    world.note(ns, `${link.name}: the device that it is on is in a namespace that the snapshot does not have`);
  }
  return where;
}

function macvlanData({ macvlan: m }: SnapLink): object {
  const mode = [...MACVLAN_MODES].find(([, name]) => name === m?.mode)?.[0];
  const flags = (m?.nopromisc ? MACVLAN_FLAG_NOPROMISC : 0) | (m?.nodst ? MACVLAN_FLAG_NODST : 0);
  return {
    mode,
    flags,
    ...(m?.bcQueueLen === null ? {} : { bcQueueLen: m?.bcQueueLen }),
    ...(m?.bcCutoff === 1 ? {} : { bcCutoff: m?.bcCutoff }),
  };
}

function setSources(world: World, { ns, link }: Task): void {
  const macaddrData = (link.macvlan?.sources ?? []).map(parseMac);
  const data = { macaddrMode: MACVLAN_MACADDR_SET, macaddrData };
  const refusal = world.ask(
    world.at(ns.id),
    LINK,
    RTM_NEWLINK,
    0,
    { index: link.index },
    {
      linkinfo: { kind: link.kind, data },
    },
  );
  if (refusal !== null) world.note(ns, `${link.name}: its list of sources: ${refusalText(refusal)}`);
}

function vlanData({ vlan }: SnapLink): object {
  return {
    id: vlan?.id,
    protocol: vlan?.protocol === '802.1ad' ? 0x88a8 : 0x8100,
    vlanFlags: { flags: vlan?.flags ?? 0, mask: ALL_VLAN_FLAGS },
  };
}

/** Both ends at once; the one with the lower number is the peer, which is born first. One that nobody has seen is in a hidden namespace. */
function makePair(world: World, task: Task): void {
  const { ns, link } = task;
  const own = world.at(ns.id);
  const other = lowerOf(world.snapshot, ns, link);
  if (other !== null && other.ns === ns && other.link.index > link.index) {
    makePair(world, other);
    return;
  }
  const there =
    other !== null ? world.at(other.ns.id) : link.linkNsid === null ? own : world.unseen(own, link.linkNsid);
  const peer = other === null ? { ifname: `if${link.link ?? 0}`, mtu: link.mtu } : common(other.link);
  const netns = there === own ? {} : { netNsFd: world.fd(there) };
  const header = { index: link.link ?? 0 };
  create(world, own, task, {}, { peer: { header, attrs: { ...peer, ...netns } } });
  if (other !== null) return;
  world.note(ns, `${linkName(ns, link)}: its other end is in a namespace that the snapshot does not have`);
  const flags = link.carrier || !link.up ? 1 : 0;
  if (link.link !== null) world.ask(there, LINK, RTM_NEWLINK, 0, { index: link.link, flags, change: 1 }, {});
}
