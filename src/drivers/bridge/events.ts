// What a bridge does when something happens to one of its ports. Linux: net/bridge/br.c, br_device_event().

import { Drop } from '../../net/drop.ts';
import type { Kernel } from '../../net/kernel.ts';
import type { NetDevice } from '../../net/netdev.ts';
import { type DevEvent, Ev } from '../../net/notifier.ts';
import { PKT_OTHERHOST, type Skb } from '../../net/skb.ts';
import { E } from '../common.ts';
import { type BridgePort, portOf } from './br.ts';
import { DISABLED } from './const.ts';
import { adjustMtu, delPort } from './ports.ts';
import { canForward, costOf, disablePort, enablePort, recalculateBridgeId } from './stp.ts';

const ETH_P_802_2 = 4;

/** Once per kernel. LLC comes with the bridge, for the spanning tree's sake: 802.2 frames have a receiver from then on. */
export function watchPorts(kernel: Kernel): void {
  kernel.notifiers.add(deviceEvent);
  if (!kernel.protocols.has(ETH_P_802_2)) kernel.protocols.set(ETH_P_802_2, llcRcv);
}

/** Nobody has an LLC station open. Linux: net/llc/llc_input.c, llc_rcv(). */
function llcRcv(skb: Skb): void {
  skb.slabs.free(skb, skb.pktType === PKT_OTHERHOST ? Drop.OtherHost : Drop.NoHandler);
}

function deviceEvent(event: DevEvent, dev: NetDevice): number {
  const port = portOf(dev);
  if (port === null) return 0;
  const br = port.br;
  const core = dev.core;
  switch (event) {
    case Ev.ChangeMtu:
      adjustMtu(br);
      return 0;
    case Ev.ChangeAddr:
      br.fdb.portAddrChanged(port, dev.addr);
      if (recalculateBridgeId(br)) core.kernel.notifiers.call(Ev.ChangeAddr, br.dev);
      told(port);
      return 0;
    case Ev.Change:
      if (!carrierCheck(port)) told(port);
      return 0;
    case Ev.FeatChange:
      core.updateFeatures(br.dev);
      return 0;
    case Ev.Down:
      if (br.dev.up) disablePort(port);
      else told(port);
      return 0;
    case Ev.Up:
      if (br.dev.running && canForward(dev)) enablePort(port);
      else told(port);
      return 0;
    case Ev.Unregister:
    case Ev.MoveOut: // a port that leaves the namespace leaves its bridge
      delPort(br.dev, dev);
      return 0;
    case Ev.PreTypeChange:
      return -E.EINVAL;
    case Ev.ResendIgmp:
      core.kernel.notifiers.call(event, br.dev);
      return 0;
    default:
      return 0;
  }
}

function told(port: BridgePort): void {
  port.dev.core.kernel.hooks.bridgePortChanged(port.dev, false);
}

/** True when the port's state changed, and was told. Linux: br_port_carrier_check(). */
function carrierCheck(port: BridgePort): boolean {
  const { br, dev } = port;
  const forwards = canForward(dev);
  if (!port.adminCost && forwards) port.pathCost = costOf(dev);
  if (!br.dev.running) return false;
  if (forwards && port.state === DISABLED) enablePort(port);
  else if (!forwards && port.state !== DISABLED) disablePort(port);
  else return false;
  return true;
}
