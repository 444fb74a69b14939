// frame: sends raw Ethernet frames, as bytes, through a packet socket. Ours alone: on Linux a line of Python does it
// (`socket.socket(AF_PACKET, SOCK_RAW).sendto(...)`), and the errors are those of that call. What reads back is tcpdump.

import { NlClient } from '../../../netlink/client.ts';
import { NlError } from '../../../netlink/error.ts';
import { LINK } from '../../../netlink/payload.ts';
import { strerror } from '../../../uapi/errno.ts';
import type { LinkAttrs } from '../../../uapi/link.ts';
import { RTM_GETLINK } from '../../../uapi/msgtype.ts';
import type { Command, Proc } from '../../process.ts';

const USAGE = `Usage: frame DEVICE HEX...
Sends each HEX as one frame of DEVICE: destination, source, type and payload, exactly as given.

Example:
  frame eth0 ffffffffffff02000000000188b5
`;

export const frame: Command = {
  name: 'frame',
  summary: 'send raw frames, given in hex',
  async run(proc) {
    const [device, ...frames] = proc.argv;
    if (device === '-h' || device === '--help') {
      proc.out(USAGE);
      return 0;
    }
    if (device === undefined || frames.length === 0) {
      proc.err(USAGE);
      return 2;
    }
    for (const hex of frames) {
      if (!/^([0-9a-f]{2})*$/i.test(hex)) return fail(proc, `'${hex}' is not pairs of hex digits`, 2);
    }
    const ifindex = indexOf(proc, device);
    return send(proc, device, ifindex, frames);
  },
};

function send(proc: Proc, device: string, ifindex: number, frames: readonly string[]): number {
  const socket = proc.os.socket(proc.ns, 'packet', 0);
  if (typeof socket === 'number') return fail(proc, strerror(-socket), 1);
  let code = 0;
  for (const hex of frames) {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    const to = { addr4: 0, port: 0, ifindex, protocol: 0, mac: 0 };
    const rc = ifindex < 0 ? ifindex : socket.sendTo(bytes, to);
    if (rc < 0) code = fail(proc, `${device}: ${strerror(-rc)}`, 1);
  }
  socket.close();
  return code;
}

/** The index of a device, or -errno. */
function indexOf(proc: Proc, device: string): number {
  const client = new NlClient(proc.os.netlink(proc.ns, 0));
  try {
    return client.get(LINK, RTM_GETLINK, {}, { ifname: device } as LinkAttrs).header.index;
  } catch (e) {
    if (!(e instanceof NlError)) throw e;
    return -e.errno;
  } finally {
    client.close();
  }
}

function fail(proc: Proc, text: string, code: number): number {
  proc.err(`frame: ${text}\n`);
  return code;
}
