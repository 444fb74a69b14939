// What `ip -d link` says of a link's kind and of its port: one printer a kind. A new kind adds its file and a line in
// PRINTERS. iproute2: ip/iplink_macvlan.c, iplink_bridge.c, iplink_bridge_slave.c, print_linktype().

import type { LinkInfo } from '../../../uapi/linkinfo.ts';
import type { Ip } from './context.ts';
import { printBond, printBondSlave } from './kind-bond.ts';
import { printBridge } from './kind-bridge.ts';
import { printBridgeSlave } from './kind-bridge-slave.ts';
import { printMacvlan } from './kind-macvlan.ts';
import { printTun } from './kind-tun.ts';
import { printVlanKind } from './kind-vlan.ts';

type KindPrinter = (ip: Ip, data: NonNullable<LinkInfo['data']>) => void;

const PRINTERS: ReadonlyMap<string, KindPrinter> = new Map<string, KindPrinter>([
  ['macvlan', printMacvlan],
  ['macvtap', printMacvlan],
  ['bridge', printBridge],
  ['tun', printTun],
  ['vlan', printVlanKind],
  ['bond', printBond],
]);

/** IFLA_LINKINFO. */
export function printLinkKind(ip: Ip, info: LinkInfo): void {
  const { out } = ip;
  out.openObject('linkinfo');
  if (info.kind !== undefined) {
    out.newline();
    out.any('info_kind', info.kind, `    ${info.kind} `);
    const print = PRINTERS.get(info.kind);
    if (print !== undefined && info.data !== undefined) {
      out.openObject('info_data');
      print(ip, info.data);
      out.closeObject();
    }
  }
  if (info.slaveKind !== undefined) {
    out.newline();
    out.any('info_slave_kind', info.slaveKind, `    ${info.slaveKind}_slave `);
    if (info.slaveKind === 'bridge' && info.slaveData !== undefined) {
      out.openObject('info_slave_data');
      printBridgeSlave(ip, info.slaveData);
      out.closeObject();
    } else if (info.slaveKind === 'bond' && info.slaveData !== undefined) {
      out.openObject('info_slave_data');
      printBondSlave(ip, info.slaveData);
      out.closeObject();
    }
  }
  out.closeObject();
}
