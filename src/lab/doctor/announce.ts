// Frames that make an address known: a gratuitous ARP request, an unsolicited neighbour advertisement.
// Linux: arp_send() with arp_notify, ndisc_send_na() to all nodes.

import { ARPOP_REQUEST } from '../../wire/arp.ts';
import { frame } from '../../wire/frame.ts';
import { NDISC_NEIGHBOUR_ADVERTISEMENT } from '../../wire/nd.ts';

const ALL_NODES = { mac: '33:33:00:00:00:01', address: 'ff02::1' };

/** `mac` has `address`, both as text. */
export function announcement(mac: string, address: string): Uint8Array {
  if (!address.includes(':')) {
    return frame({
      eth: { dst: 'ff:ff:ff:ff:ff:ff', src: mac },
      arp: { op: ARPOP_REQUEST, sha: mac, spa: address, tpa: address },
    });
  }
  return frame({
    eth: { dst: ALL_NODES.mac, src: mac },
    ip6: { src: address, dst: ALL_NODES.address, hopLimit: 255 },
    nd: { type: NDISC_NEIGHBOUR_ADVERTISEMENT, target: address, override: true, lladdr: mac },
  });
}
