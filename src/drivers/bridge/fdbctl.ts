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
  if (br === null || vid !== 0) return -E.EINVAL; // a VLAN that the port is not in, as on a kernel without VLAN filtering
  if ((ndmFlags & NTF_EXT_LEARNED) !== 0) return -E.EOPNOTSUPP; // there is no switch hardware here to have learned it
  if ((ndmFlags & NTF_USE) === 0) return addEntry(br, port, mac, nlFlags, state, (ndmFlags & NTF_STICKY) !== 0);
  if (port === null) return -E.EINVAL;
  if (port.state !== LEARNING && port.state !== FORWARDING) return 0;
  br.fdb.update(port, macKeyHi(mac), macKeyLo(mac));
  const line = br.fdb.findKey(mac);
  if (line !== null && !line.local) line.byUser = true;
  return 0;
}

function addEntry(
  br: Bridge,
  port: BridgePort | null,
  mac: number,
  nlFlags: number,
  state: number,
  sticky: boolean,
): number {
  const fixed = (state & (NUD_PERMANENT | NUD_NOARP)) !== 0;
  if (port !== null && !fixed && port.state !== LEARNING && port.state !== FORWARDING) return -EPERM;
  if (port === null && (state & NUD_PERMANENT) === 0) return -E.EINVAL;
  if (sticky && (state & NUD_PERMANENT) !== 0) return -E.EINVAL;
  const fdb = br.fdb;
  let line = fdb.findKey(mac);
  let modified = false;
  if (line === null) {
    if ((nlFlags & NLM_F_CREATE) === 0) return -E.ENOENT;
    line = fdb.create(mac, port, true);
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

export function fdbDel(dev: NetDevice, mac: number): number {
  const br = bridgeFor(dev);
  if (br === null) return -E.EINVAL;
  const line = br.fdb.findKey(mac);
  if (line === null || line.port !== portOf(dev)) return -E.ENOENT;
  br.fdb.delete(line);
  return 0;
}

export function fdbDump(dev: NetDevice, port: NetDevice | null, emit: (entry: FdbEntry) => void): void {
  bridgeOf(dev).fdb.dump(port, emit);
}
