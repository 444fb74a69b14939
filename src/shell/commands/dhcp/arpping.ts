// Does anybody have this address? One ARP request, and up to so many milliseconds for a reply.
// Linux tool: busybox, networking/udhcp/arpping.c.

import { formatIp4, formatMac } from '../../../uapi/format.ts';
import { ARPOP_REPLY, ARPOP_REQUEST, arpOp, arpSha, arpSpa, encodeArp } from '../../../wire/arp.ts';
import { concat } from '../../../wire/bytes.ts';
import { ETH_HLEN, ETH_P_ARP, ETH_ZLEN, encodeEth, MAC_BROADCAST } from '../../../wire/ethernet.ts';
import type { Proc, Signal } from '../../process.ts';
import { type Device, packetAddress } from './link.ts';

/** True when nobody answered, or only `safeMac` did. `from` is the address that asks, 0: none. */
export async function nobodyHas(
  proc: Proc,
  dev: Device,
  ip: number,
  from: number,
  safeMac: number,
  ms: number,
): Promise<boolean> {
  const socket = proc.os.socket(proc.ns, 'packet', ETH_P_ARP);
  if (typeof socket === 'number') return true;
  // A signal that comes meanwhile is dealt with afterwards.
  const signals: Signal[] = [];
  try {
    const arp = encodeArp({ op: ARPOP_REQUEST, sha: formatMac(dev.mac), spa: formatIp4(from), tpa: formatIp4(ip) });
    const header = encodeEth({ dst: formatMac(MAC_BROADCAST), src: formatMac(dev.mac), type: ETH_P_ARP });
    const frame = concat(header, arp, new Uint8Array(ETH_ZLEN - ETH_HLEN - arp.length));
    if (socket.sendTo(frame, packetAddress(dev.index, MAC_BROADCAST, ETH_P_ARP)) < 0) return true;
    const untilNs = proc.os.nowNs() + ms * 1e6;
    for (;;) {
      for (let m = socket.recv(); m !== null; m = socket.recv()) {
        const b = m.data;
        if (b.length < ETH_HLEN + 28 || arpOp(b, ETH_HLEN) !== ARPOP_REPLY || arpSpa(b, ETH_HLEN) !== ip) continue;
        return arpSha(b, ETH_HLEN) === safeMac;
      }
      const left = untilNs - proc.os.nowNs();
      if (left <= 0) return true;
      await proc.waitReadable([socket], left);
      const signal = proc.takeSignal();
      if (signal !== null) signals.push(signal);
    }
  } finally {
    socket.close();
    for (const signal of signals) proc.signal(proc.pid, signal);
  }
}
