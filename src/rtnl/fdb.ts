// Forwarding databases: RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH under AF_BRIDGE. A bridge answers for its ports
// (master); any device for itself (self), by default out of its unicast and multicast lists.
// Linux: rtnl_fdb_add(), rtnl_fdb_del(), rtnl_fdb_dump(), ndo_dflt_fdb_*(), fdb_fill_info().

import { ARPHRD_ETHER, PRIV_BRIDGE } from '../net/flags.ts';
import { Refusal } from '../net/linkops.ts';
import type { FdbEntry, NetDevice } from '../net/netdev.ts';
import type { NetNs } from '../net/netns.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { IFINFOMSG } from '../uapi/ifla.ts';
import { AF_BRIDGE, IFLA } from '../uapi/link.ts';
import { RTM_DELNEIGH, RTM_NEWNEIGH } from '../uapi/msgtype.ts';
import { NDA, NDMSG, type NdMsg, NTF_MASTER, NTF_SELF, NUD_PERMANENT } from '../uapi/neigh.ts';
import { NLM_F_BULK, NLM_F_EXCL } from '../uapi/netlink.ts';
import { RTNLGRP_NEIGH } from '../uapi/rtnlgrp.ts';
import type { Dump } from './dump.ts';
import { A } from './link-attrs.ts';
import { NOBODY, notify } from './listeners.ts';
import { N } from './neigh.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';
import { ticksOf } from './ticks.ts';

const EEXIST = 17;
const EOPNOTSUPP = 95;
const EINVAL = 22;
const ETH_ALEN = 6;
const VLAN_MAX = 0xfff;
const LINK_LOCAL = 0x0180c2000000;

/** What a request says of an entry. */
interface FdbRequest {
  readonly mac: number;
  readonly vid: number;
  readonly state: number;
  readonly flags: number;
  readonly nlFlags: number;
}

export function changeFdb(req: Request): void {
  const add = req.type === RTM_NEWNEIGH;
  if ((req.flags & NLM_F_BULK) !== 0 && !add)
    throw new NlError('EOPNOTSUPP', 'The model does not flush forwarding databases');
  const tb = req.parse(NDMSG, null);
  const ndm = req.header(NDMSG);
  if (ndm.ifindex === 0) throw new NlError('EINVAL', 'invalid ifindex');
  const dev = req.ns.devByIndex(ndm.ifindex);
  if (dev === null) throw new NlError('ENODEV', 'unknown ifindex');
  if (tb.len(N.LLADDR) !== ETH_ALEN) throw new NlError('EINVAL', 'invalid address');
  const ether = (): void => {
    if (dev.type === ARPHRD_ETHER) return;
    throw new NlError('EINVAL', `FDB ${add ? 'add' : 'delete'} only supported for Ethernet devices`);
  };
  if (add) ether();
  const vid = vidOf(tb);
  if (!add) ether();
  const what: FdbRequest = { mac: tb.mac(N.LLADDR), vid, state: ndm.state, flags: ndm.flags, nlFlags: req.flags };
  const { master } = dev;
  let answered = false;
  if ((ndm.flags === 0 || (ndm.flags & NTF_MASTER) !== 0) && isBridge(master)) {
    check(add ? addTo(master, dev, what) : (master?.fdbDel?.(dev, what.mac, what.vid) ?? -EOPNOTSUPP));
    answered = true;
  }
  if ((ndm.flags & NTF_SELF) !== 0) onItself(dev, tb, ndm, what, add);
  else if (!answered) throw new NlError('EOPNOTSUPP');
}

function isBridge(dev: NetDevice | null): boolean {
  return dev !== null && (dev.privFlags & PRIV_BRIDGE) !== 0;
}

/** `holder` has the database; `dev` is the port (or the holder itself) that the entry is for. */
function addTo(holder: NetDevice | null, dev: NetDevice, r: FdbRequest): number {
  return holder?.fdbAdd?.(dev, r.mac, r.vid, r.nlFlags, r.state, r.flags) ?? -EOPNOTSUPP;
}

function vidOf(tb: Tb): number {
  if (!tb.has(N.VLAN)) return 0;
  if (tb.len(N.VLAN) !== 2) throw new NlError('EINVAL', 'invalid vlan attribute size');
  const vid = tb.u16(N.VLAN);
  if (vid === 0 || vid >= VLAN_MAX) throw new NlError('EINVAL', 'invalid vlan id');
  return vid;
}

/** The device's own database; listeners hear of it unless the device tells them itself, as a bridge does. */
function onItself(dev: NetDevice, tb: Tb, ndm: NdMsg, what: FdbRequest, add: boolean): void {
  let err: number;
  if (add) err = dev.fdbAdd === null ? defaultAdd(dev, tb, what) : addTo(dev, dev, what);
  else err = dev.fdbDel === null ? defaultDel(dev, what) : dev.fdbDel(dev, what.mac, what.vid);
  check(err);
  if (isBridge(dev)) return;
  notify(dev.ns, RTNLGRP_NEIGH, add ? RTM_NEWNEIGH : RTM_DELNEIGH, NOBODY, (w) => {
    fillOwn(w, dev, what.mac, what.vid, ndm.state);
  });
}

function isMulticast(mac: number): boolean {
  return Math.floor(mac / 0x10000000000) % 2 === 1;
}

/** Unicast, or 01:80:c2:00:00:0x: kept in the unicast list. */
function inUcList(mac: number): boolean {
  return (!isMulticast(mac) && mac !== 0) || mac - (mac % 16) === LINK_LOCAL;
}

function defaultAdd(dev: NetDevice, tb: Tb, { mac, vid, state, nlFlags }: FdbRequest): number {
  const log = (words: string): number => {
    dev.core.kernel.hooks.log(`${dev.name}: ${words}`);
    return -EINVAL;
  };
  if (state !== 0 && (state & NUD_PERMANENT) === 0)
    return log('default FDB implementation only supports local addresses');
  if (tb.has(N.FLAGS_EXT)) return log('invalid flags given to default FDB implementation');
  if (vid !== 0) return log("vlans aren't supported yet for dev_uc|mc_add()");
  let err = -EINVAL;
  if (inUcList(mac)) err = dev.uc.addExcl(mac);
  else if (isMulticast(mac)) err = dev.mc.addExcl(mac);
  if (err === 0) dev.core.setRxMode(dev);
  return err === -EEXIST && (nlFlags & NLM_F_EXCL) === 0 ? 0 : err;
}

function defaultDel(dev: NetDevice, { mac, state }: FdbRequest): number {
  if ((state & NUD_PERMANENT) === 0) {
    dev.core.kernel.hooks.log(`${dev.name}: default FDB implementation only supports local addresses`);
    return -EINVAL;
  }
  const err = inUcList(mac) ? dev.uc.del(mac) : isMulticast(mac) ? dev.mc.del(mac) : -EINVAL;
  if (err === 0) dev.core.setRxMode(dev);
  return err;
}

function check(err: number): void {
  if (err < 0) throw new Refusal(-err);
}

export function dumpFdb(req: Request, out: Dump): void {
  const { port, bridge } = req.strict ? strictFilter(req) : oldFilter(req);
  let br: NetDevice | null = null;
  if (bridge !== 0) {
    br = req.ns.devByIndex(bridge);
    if (br === null) throw new NlError('ENODEV');
  }
  const put = (e: FdbEntry): void => out.message(RTM_NEWNEIGH, (w) => fillEntry(w, req.ns, e));
  for (const dev of req.ns.devices()) {
    if (port !== 0 && dev.ifindex !== port) continue;
    const { master } = dev;
    if (br !== null && dev !== br && master !== br) continue;
    if (isBridge(master)) master?.fdbDump?.(master, dev, put);
    if (dev.type === ARPHRD_ETHER) {
      for (const list of [dev.uc, dev.mc]) {
        for (const e of list.entries.values()) {
          out.message(RTM_NEWNEIGH, (w) => fillOwn(w, dev, e.mac, 0, NUD_PERMANENT));
        }
      }
    }
    dev.fdbDump?.(dev, null, put);
  }
}

function strictFilter(req: Request): { port: number; bridge: number } {
  if (req.len < NDMSG.size) throw new NlError('EINVAL', 'Invalid header for fdb dump request');
  const ndm = req.header(NDMSG);
  if (ndm.state !== 0 || ndm.flags !== 0 || ndm.type !== 0) {
    throw new NlError('EINVAL', 'Invalid values in header for fdb dump request');
  }
  const tb = req.parse(NDMSG, NDA, true);
  let port = ndm.ifindex;
  let bridge = 0;
  for (const type of tb.types) {
    if (type === N.IFINDEX) port = tb.u32(type);
    else if (type === N.MASTER) bridge = tb.u32(type);
    else throw new NlError('EINVAL', 'Unsupported attribute in fdb dump request');
  }
  return { port, bridge };
}

/** Old tools send a link header; one with the size of ndmsg means "everything". */
function oldFilter(req: Request): { port: number; bridge: number } {
  if (req.len === NDMSG.size || req.len === NDMSG.size + 8) return { port: 0, bridge: 0 };
  const tb = req.parse(IFINFOMSG, IFLA);
  return { port: req.header(IFINFOMSG).index, bridge: tb.u32(A.MASTER) };
}

/** RTM_GETNEIGH for one entry. Linux: rtnl_fdb_get(). */
export function getFdb(req: Request): void {
  if (req.len < NDMSG.size) throw new NlError('EINVAL', 'Invalid header for fdb get request');
  const ndm = req.header(NDMSG);
  if (ndm.state !== 0 || ndm.type !== 0) throw new NlError('EINVAL', 'Invalid values in header for fdb get request');
  if ((ndm.flags & ~(NTF_MASTER | NTF_SELF)) !== 0)
    throw new NlError('EINVAL', 'Invalid flags in header for fdb get request');
  const tb = req.parse(NDMSG, NDA, true);
  for (const type of tb.types) {
    if (type !== N.MASTER && type !== N.LLADDR && type !== N.VLAN && type !== N.VNI) {
      throw new NlError('EINVAL', 'Unsupported attribute in fdb get request');
    }
  }
  if (tb.has(N.LLADDR) && tb.len(N.LLADDR) !== ETH_ALEN)
    throw new NlError('EINVAL', 'Invalid address in fdb get request');
  const vid = vidOf(tb);
  if (!tb.has(N.LLADDR)) throw new NlError('EINVAL', 'Missing lookup address for fdb get request');
  const holder = holderOf(req, ndm, tb);
  const { fdbDump } = holder;
  if (fdbDump === null) throw new NlError('EOPNOTSUPP', 'Fdb get operation not supported by device');
  const mac = tb.mac(N.LLADDR);
  const matches: FdbEntry[] = [];
  for (const port of [null, ...req.ns.devices().filter((d) => d.master === holder)]) {
    fdbDump(holder, port, (e) => {
      if (e.mac === mac && e.vid === vid) matches.push(e);
    });
  }
  if (matches.length === 0) throw new NlError('ENOENT', 'Fdb entry not found');
  req.reply(RTM_NEWNEIGH, (w) => fillEntry(w, req.ns, matches[0]));
}

/** The device whose database is asked. */
function holderOf(req: Request, ndm: NdMsg, tb: Tb): NetDevice {
  const dev = ndm.ifindex === 0 ? null : req.ns.devByIndex(ndm.ifindex);
  if (ndm.ifindex !== 0 && dev === null) throw new NlError('ENODEV', 'Unknown device ifindex');
  if (tb.u32(N.MASTER) !== 0) {
    if (dev !== null) throw new NlError('EINVAL', 'Master and device are mutually exclusive');
    const bridge = req.ns.devByIndex(tb.u32(N.MASTER));
    if (bridge === null) throw new NlError('EINVAL', 'Invalid master ifindex');
    return bridge;
  }
  if (dev === null) throw new NlError('ENODEV', 'No device specified');
  if (ndm.flags !== 0 && (ndm.flags & NTF_MASTER) === 0) return dev;
  const { master } = dev;
  if (master === null || !isBridge(master)) throw new NlError('EINVAL', 'Device is not a bridge port');
  return master;
}

/** An address of a device's own lists. */
function fillOwn(w: Writer, dev: NetDevice, mac: number, vid: number, state: number): void {
  writeStruct(NDMSG, { family: AF_BRIDGE, ifindex: dev.ifindex, state, flags: NTF_SELF, type: 0 }, w);
  encodeTo(NDA, vid === 0 ? { lladdr: mac } : { lladdr: mac, vlan: vid }, w);
}

/** An entry of a bridge. */
function fillEntry(w: Writer, ns: NetNs, e: FdbEntry): void {
  writeStruct(NDMSG, { family: AF_BRIDGE, ifindex: e.dev.ifindex, state: e.state, flags: e.flags, type: 0 }, w);
  const age = (since: number): number => Math.max(0, ticksOf(ns.kernel.loop.now - since));
  const cacheinfo = { confirmed: 0, used: age(e.usedNs), updated: age(e.updatedNs), refcnt: 0 };
  const a = { lladdr: e.mac, master: e.master.ifindex, flagsExt: 0, cacheinfo };
  encodeTo(NDA, e.vid === 0 ? a : { ...a, vlan: e.vid }, w);
}

export function fdbChanged(e: FdbEntry, gone: boolean): void {
  const { ns } = e.master;
  notify(ns, RTNLGRP_NEIGH, gone ? RTM_DELNEIGH : RTM_NEWNEIGH, NOBODY, (w) => fillEntry(w, ns, e));
}
