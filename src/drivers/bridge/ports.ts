// Devices become ports of a bridge and cease to be. Linux: net/bridge/br_if.c, br_add_if(), br_del_if(), del_nbp().

import { devUcDel } from '../../net/addrlist.ts';
import { ARPHRD_ETHER, IFF_LOOPBACK, PRIV_BRIDGE_PORT } from '../../net/flags.ts';
import { Refusal } from '../../net/linkops.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { Ev } from '../../net/notifier.ts';
import { keyIsValidUnicast } from '../../wire/ethernet.ts';
import { E } from '../common.ts';
import { type Bridge, BridgePort, bridgeOf, isBridge, portOf } from './br.ts';
import { brHandleFrame } from './input.ts';
import { canForward, costOf, disablePort, enablePort, recalculateBridgeId } from './stp.ts';
import { joinPort, leavePort } from './vlan.ts';

const EXFULL = 54;
const MAX_PORTS = 1024;
/** What a bridge without ports could take in one piece. */
const TSO_MAX_SIZE = 524280;
const TSO_MAX_SEGS = 65535;
const ETH_DATA_LEN = 1500;

/** ndo_add_slave: 0 or -errno, or a Refusal with words. */
export function addPort(master: NetDevice, dev: NetDevice): number {
  const br = bridgeOf(master);
  const core = master.core;
  if ((dev.flags & IFF_LOOPBACK) !== 0 || dev.type !== ARPHRD_ETHER || !keyIsValidUnicast(dev.addr)) return -E.EINVAL;
  if (isBridge(dev)) throw new Refusal(E.ELOOP, 'Can not enslave a bridge to a bridge');
  if (dev.master !== null) return -E.EBUSY;
  const portNo = freePortNo(br);
  if (portNo === 0) return -EXFULL;
  const port = new BridgePort(br, dev, portNo, costOf(dev));
  core.kernel.notifiers.call(Ev.Join, dev);
  core.setAllmulti(dev, 1);
  let err = core.rxHandlerRegister(dev, brHandleFrame, port);
  if (err >= 0) {
    dev.brPort = port;
    dev.privFlags |= PRIV_BRIDGE_PORT;
    err = core.upperLink(dev, master, true);
    if (err < 0) {
      core.rxHandlerUnregister(dev);
      forgetPort(dev);
    }
  }
  if (err < 0) {
    core.setAllmulti(dev, -1);
    return err;
  }
  br.ports.unshift(port);
  setPromisc(port); // without VLAN filtering a bridge wants every frame
  core.updateFeatures(master);
  br.fdb.addLocal(port, dev.addr);
  joinPort(port);
  const changed = recalculateBridgeId(br);
  if (canForward(dev) && master.up) enablePort(port);
  core.kernel.hooks.bridgePortChanged(dev, false);
  if (changed) core.kernel.notifiers.call(Ev.ChangeAddr, master);
  adjustMtu(br);
  setGsoLimits(br);
  return 0;
}

/** ndo_del_slave. */
export function delPort(master: NetDevice, dev: NetDevice): number {
  const br = bridgeOf(master);
  const port = portOf(dev);
  if (port === null || port.br !== br) return -E.EINVAL;
  removePort(port);
  adjustMtu(br);
  setGsoLimits(br);
  if (recalculateBridgeId(br)) master.core.kernel.notifiers.call(Ev.ChangeAddr, master);
  master.core.updateFeatures(master);
  return 0;
}

/** Linux: del_nbp(). */
export function removePort(port: BridgePort): void {
  const { br, dev } = port;
  const core = dev.core;
  core.setAllmulti(dev, -1);
  if (port.promisc) core.setPromiscuity(dev, -1);
  port.promisc = false;
  disablePort(port);
  core.kernel.hooks.bridgePortChanged(dev, true);
  br.ports.splice(br.ports.indexOf(port), 1);
  leavePort(port);
  br.fdb.deleteByPort(port, true);
  core.upperUnlink(dev, br.dev);
  core.rxHandlerUnregister(dev);
  forgetPort(dev);
}

function forgetPort(dev: NetDevice): void {
  dev.brPort = null;
  dev.privFlags &= ~PRIV_BRIDGE_PORT;
}

/**
 * What the port would have to be asked to receive one by one it receives now, and is not asked any more: each static
 * address of the bridge, even one that somebody else asked it for. Linux: br_port_set_promisc(), br_fdb_unsync_static().
 */
function setPromisc(port: BridgePort): void {
  if (port.promisc) return;
  port.promisc = true;
  port.dev.core.setPromiscuity(port.dev, 1);
  for (const { mac } of port.br.fdb.fixed) devUcDel(port.dev, mac);
}

function freePortNo(br: Bridge): number {
  for (let no = 1; no < MAX_PORTS; no++) if (!br.ports.some((p) => p.portNo === no)) return no;
  return 0;
}

/** The smallest MTU of the ports, unless a request has set one. Linux: br_mtu_auto_adjust(). */
export function adjustMtu(br: Bridge): void {
  if (br.mtuSetByUser) return;
  let least = 0;
  for (const port of br.ports) if (least === 0 || port.dev.mtu < least) least = port.dev.mtu;
  br.dev.core.setMtu(br.dev, least === 0 ? ETH_DATA_LEN : least);
  br.mtuSetByUser = false; // that was us
}

function setGsoLimits(br: Bridge): void {
  let size = TSO_MAX_SIZE;
  let segs = TSO_MAX_SEGS;
  for (const { dev } of br.ports) {
    size = Math.min(size, dev.tsoMaxSize);
    segs = Math.min(segs, dev.tsoMaxSegs);
  }
  br.dev.tsoMaxSize = size;
  br.dev.tsoMaxSegs = segs;
}
