// The header that goes before a frame on a tap's file (IFF_VNET_HDR): what is still to be done about its checksum and its
// segments. Ten bytes in the machine's order. Linux: include/linux/virtio_net.h, virtio_net_hdr_from_skb(),
// virtio_net_hdr_to_skb(); include/uapi/linux/virtio_net.h.

import { GSO_TCPV4, GSO_TCPV6 } from '../../net/gso.ts';
import { CSUM_PARTIAL, CSUM_UNNECESSARY, type Skb } from '../../net/skb.ts';

export const VNET_HDR_LEN = 10;
const F_NEEDS_CSUM = 1;
const F_DATA_VALID = 2;
/** VIRTIO_NET_HDR_GSO_*. */
const GSO_NONE = 0;
const HDR_GSO_TCPV4 = 1;
const HDR_GSO_TCPV6 = 4;
const HDR_GSO_ECN = 0x80;

/** For a frame that begins at skb.mac; `shift`: bytes that will be put in before its packet. */
export function putHeader(out: Uint8Array, skb: Skb, shift: number): void {
  const view = new DataView(out.buffer, out.byteOffset, VNET_HDR_LEN);
  if (skb.gsoSize > 0) {
    out[1] = skb.gsoType === GSO_TCPV6 ? HDR_GSO_TCPV6 : HDR_GSO_TCPV4;
    view.setUint16(2, skb.off - skb.mac + skb.len, true);
    view.setUint16(4, skb.gsoSize, true);
  }
  if (skb.ipSummed === CSUM_PARTIAL) {
    out[0] = F_NEEDS_CSUM;
    view.setUint16(6, skb.csumStart - skb.mac + shift, true);
    view.setUint16(8, skb.csumOffset, true);
  } else if (skb.ipSummed === CSUM_UNNECESSARY) out[0] = F_DATA_VALID;
}

/** Applies one to the frame at skb.off; false: it makes no sense. */
export function applyHeader(hdr: Uint8Array, skb: Skb): boolean {
  const view = new DataView(hdr.buffer, hdr.byteOffset, VNET_HDR_LEN);
  const start = view.getUint16(6, true);
  const offset = view.getUint16(8, true);
  if ((hdr[0] & F_NEEDS_CSUM) !== 0) {
    if (start + offset + 2 > skb.len) return false;
    skb.ipSummed = CSUM_PARTIAL;
    skb.csumStart = skb.off + start;
    skb.csumOffset = offset;
  }
  const gso = hdr[1] & ~HDR_GSO_ECN;
  if (gso === GSO_NONE) return true;
  const size = view.getUint16(4, true);
  if (size === 0 || (gso !== HDR_GSO_TCPV4 && gso !== HDR_GSO_TCPV6)) return false;
  skb.gsoSize = size;
  skb.gsoType = gso === HDR_GSO_TCPV4 ? GSO_TCPV4 : GSO_TCPV6;
  return true;
}
