// Which source address a ping to that target has, and whether it may be sent at all: a connected UDP socket tells.
// Linux tool: iputils ping/ping.c, ping4_run().

import type { SockAddr } from '../../../lab/os.ts';
import { NlClient } from '../../../netlink/client.ts';
import { ADDR } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import { RTM_GETADDR } from '../../../uapi/msgtype.ts';
import type { Proc } from '../../process.ts';
import { die, type PingOptions } from './options.ts';

const EACCES = 13;

/** The source address, or null when one was given. */
export async function openProbe(proc: Proc, o: PingOptions, whereto: number): Promise<number | null> {
  if (o.source !== 0) {
    if (o.device !== null) deviceIndex(proc, o.device);
    return null;
  }
  const probe = proc.os.socket(proc.ns, 'udp4', 0);
  if (typeof probe === 'number') return die(`socket: ${strerror(-probe)}`);
  try {
    if (o.device !== null) probe.setOption('SO_BINDTODEVICE', deviceIndex(proc, o.device));
    if (o.tos !== null) probe.setOption('IP_TOS', o.tos);
    if (o.mark !== null) probe.setOption('SO_MARK', o.mark);
    const to: SockAddr = { addr4: whereto, port: 1025, ifindex: 0, protocol: 0, mac: 0 };
    let rc = probe.connect(to);
    if (rc === -EACCES) {
      if (!o.broadcast) die('Do you want to ping broadcast? Then -b. If not, check your local firewall rules');
      proc.err('WARNING: pinging broadcast address\n');
      probe.setOption('SO_BROADCAST', 1);
      rc = probe.connect(to);
    }
    if (rc < 0) die(`connect: ${strerror(-rc)}`);
    const source = probe.getName().addr4;
    if (o.device !== null && !ownsAddress(proc, o.device, source)) {
      proc.err(`ping: Warning: source address might be selected on device other than: ${o.device}\n`);
    }
    return source;
  } finally {
    probe.close();
  }
}

/** An empty name is no device, for SO_BINDTODEVICE too. */
export function deviceIndex(proc: Proc, device: string): number {
  if (device === '') return 0;
  const index = proc.os.readFile(proc.ns, `/sys/class/net/${device}/ifindex`);
  if (typeof index === 'number') return die(`SO_BINDTODEVICE ${device}: No such device`);
  return Number(index);
}

function ownsAddress(proc: Proc, device: string, ip: number): boolean {
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    const index = deviceIndex(proc, device);
    const dump = client.dump(ADDR, RTM_GETADDR, { family: 2 }, {});
    return dump.messages.some((m) => m.header.index === index && m.attrs.local === ip);
  } finally {
    client.close();
  }
}
