// One message of a packet socket with what the kernel says beside it: the 802.1Q tag that it took out of the frame.
// Linux: recvmsg(2), struct tpacket_auxdata. Buffers are shared: what was received is to be copied before the next call.

import { MSG_DONTWAIT, MSG_TRUNC, type NativeBytes, type Sys } from './sys.ts';

const SOL_PACKET = 263;
export const PACKET_AUXDATA = 8;
const TP_STATUS_VLAN_VALID = 1 << 4;
const TP_STATUS_VLAN_TPID_VALID = 1 << 6;
const ETH_P_8021Q = 0x8100;
/** struct cmsghdr, and struct tpacket_auxdata behind it, where pointers have eight bytes. */
const CMSG_HEADER = 16;
const CONTROL = 64;
/** struct msghdr */
const MSGHDR = 56;
const NAME = 8;
const CONTROL_LENGTH = 40;

export class PacketMessage {
  readonly data: Uint8Array;
  readonly sender: DataView;
  /** Of the message that was received last; -1: no tag. */
  vlanTci = -1;
  vlanTpid = 0;
  readonly #sys: Sys;
  readonly #msg: NativeBytes;
  readonly #view: DataView;
  readonly #control: DataView;

  constructor(sys: Sys, size: number, senderSize: number) {
    this.#sys = sys;
    const [data, name, control, iov] = [size, senderSize, CONTROL, 16].map((bytes) => sys.native(bytes));
    this.#msg = sys.native(MSGHDR);
    this.data = data.bytes;
    this.sender = viewOf(name);
    this.#control = viewOf(control);
    const vector = viewOf(iov);
    vector.setBigUint64(0, data.address, true);
    vector.setBigUint64(8, BigInt(size), true);
    this.#view = viewOf(this.#msg);
    this.#view.setBigUint64(0, name.address, true);
    this.#view.setBigUint64(16, iov.address, true);
    this.#view.setBigUint64(24, 1n, true);
    this.#view.setBigUint64(32, control.address, true);
  }

  /** The length of the frame, which may be more than was received; a negative errno. */
  receive(fd: number): number {
    this.#view.setUint32(NAME, this.sender.byteLength, true);
    this.#view.setBigUint64(CONTROL_LENGTH, BigInt(CONTROL), true);
    const n = this.#sys.recvMsg(fd, this.#msg, MSG_DONTWAIT | MSG_TRUNC);
    this.vlanTci = -1;
    if (n >= 0) this.#readControl(Number(this.#view.getBigUint64(CONTROL_LENGTH, true)));
    return n;
  }

  #readControl(length: number): void {
    const c = this.#control;
    for (let at = 0; at + CMSG_HEADER + 20 <= length; ) {
      const size = Number(c.getBigUint64(at, true));
      if (c.getInt32(at + 8, true) === SOL_PACKET && c.getInt32(at + 12, true) === PACKET_AUXDATA) {
        const status = c.getUint32(at + CMSG_HEADER, true);
        if ((status & TP_STATUS_VLAN_VALID) === 0) return;
        this.vlanTci = c.getUint16(at + CMSG_HEADER + 16, true);
        const told = (status & TP_STATUS_VLAN_TPID_VALID) !== 0;
        this.vlanTpid = told ? c.getUint16(at + CMSG_HEADER + 18, true) : ETH_P_8021Q;
      }
      at += Math.max(CMSG_HEADER, (size + 7) & ~7);
    }
  }
}

function viewOf({ bytes }: NativeBytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
