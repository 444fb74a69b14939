// Entries of the forwarding database by request: bridge fdb add, replace, append, del.
// Linux: net/bridge/br_fdb.c, br_fdb_add(), fdb_add_entry(), br_fdb_delete().

import type { FdbEntry, NetDevice } from '../../net/netdev.ts';
import { NTF_EXT_LEARNED, NTF_STICKY, NTF_USE, NUD_NOARP, NUD_PERMANENT, NUD_REACHABLE } from '../../uapi/neigh.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../uapi/netlink.ts';
import { macKeyHi, macKeyLo } from '../../wire/ethernet.ts';
import { E } from '../common.ts';
import { type Bridge, type BridgePort, bridgeOf, isBridge, portOf } from './br.ts';
import { FORWARDING, LEARNING } from './const.ts';

const EPERM = 1;

/** The bridge of a port, or the device itself; null: neither. */
function bridgeFor(dev: NetDevice): Bridge | null {
  return isBridge(dev) ? bridgeOf(dev) : (portOf(dev)?.br ?? null);
}

/** 0 or -errno. `dev` is a port, or the bridge for entries of its own. */
export function fdbAdd(
  dev: NetDevice,
  mac: number,
  vid: number,
  nlFlags: number,
  state: number,
  ndmFlags: number,
): number {
  if ((state & (NUD_PERMANENT | NUD_NOARP | NUD_REACHABLE)) === 0 || mac === 0) return -E.EINVAL;
  const br = bridgeFor(dev);
  const port = portOf(dev);
  if (br === null) return -E.EINVAL;
  const group = br.vlans?.groupOf(port) ?? null;
  if (vid !== 0 && group?.has(vid) !== true) {
    const name = (port?.dev ?? br.dev).name;
    if (group !== null) br.dev.core.kernel.hooks.log(`bridge: RTM_NEWNEIGH with unconfigured vlan ${vid} on ${name}`);
    return -E.EINVAL;
  }
  if ((ndmFlags & NTF_EXT_LEARNED) !== 0) return -E.EOPNOTSUPP; // there is no switch hardware here to have learned it
  const one = (id: number): number => addOne(br, port, mac, id, nlFlags, state, ndmFlags);
  let err = one(vid);
  // Whoever names no VLAN means all that the port is in.
  if (vid === 0 && group !== null) for (const id of group.ids()) if (err >= 0) err = one(id);
  return err;
}

function addOne(
  br: Bridge,
  port: BridgePort | null,
  mac: number,
  vid: number,
  nlFlags: number,
  state: number,
  ndmFlags: number,
): number {
  if ((ndmFlags & NTF_USE) === 0) return addEntry(br, port, mac, vid, nlFlags, state, (ndmFlags & NTF_STICKY) !== 0);
  if (port === null) return -E.EINVAL;
  if (port.state !== LEARNING && port.state !== FORWARDING) return 0;
  br.fdb.update(port, macKeyHi(mac), macKeyLo(mac), vid);
  const line = br.fdb.findKey(mac, vid);
  if (line !== null && !line.local) line.byUser = true;
  return 0;
}

function addEntry(
  br: Bridge,
  port: BridgePort | null,
  mac: number,
  vid: number,
  nlFlags: number,
  state: number,
  sticky: boolean,
): number {
  const fixed = (state & (NUD_PERMANENT | NUD_NOARP)) !== 0;
  if (port !== null && !fixed && port.state !== LEARNING && port.state !== FORWARDING) return -EPERM;
  if (port === null && (state & NUD_PERMANENT) === 0) return -E.EINVAL;
  if (sticky && (state & NUD_PERMANENT) !== 0) return -E.EINVAL;
  const fdb = br.fdb;
  let line = fdb.findKey(mac, vid);
  let modified = false;
  if (line === null) {
    if ((nlFlags & NLM_F_CREATE) === 0) return -E.ENOENT;
    line = fdb.create(mac, vid, port, true);
    modified = true;
  } else {
    if ((nlFlags & NLM_F_EXCL) !== 0) return -E.EEXIST;
    if (!line.byUser && !line.local) fdb.learned--;
    line.byUser = true;
    if (line.port !== port) modified = true;
    line.port = port;
  }
  if (fdb.stateOf(line) !== state) {
    line.local = (state & NUD_PERMANENT) !== 0;
    line.isStatic = fixed;
    modified = true;
  }
  if (line.sticky !== sticky) modified = true;
  line.sticky = sticky;
  const now = br.dev.core.kernel.loop.now;
  line.usedNs = now;
  if (!modified) return 0;
  line.updatedNs = now;
  fdb.armGc();
  fdb.tell(line, false);
  return 0;
}

export function fdbDel(dev: NetDevice, mac: number, vid: number): number {
  const br = bridgeFor(dev);
  if (br === null) return -E.EINVAL;
  const port = portOf(dev);
  const group = br.vlans?.groupOf(port) ?? null;
  if (vid !== 0 && group?.has(vid) !== true) return -E.EINVAL;
  let err: number = -E.ENOENT;
  for (const id of vid !== 0 || group === null ? [vid] : [0, ...group.ids()]) {
    const line = br.fdb.findKey(mac, id);
    if (line === null || line.port !== port) continue;
    br.fdb.delete(line);
    err = 0;
  }
  return err;
}

export function fdbDump(dev: NetDevice, port: NetDevice | null, emit: (entry: FdbEntry) => void): void {
  bridgeOf(dev).fdb.dump(port, emit);
}
