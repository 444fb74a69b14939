// The header of a generic netlink message. Linux: genlmsg_put().

import { writeStruct } from '../netlink/struct.ts';
import type { Writer } from '../netlink/writer.ts';
import { GENLMSGHDR } from '../uapi/genl.ts';

export function putGenl(w: Writer, cmd: number, version: number): void {
  writeStruct(GENLMSGHDR, { cmd, version }, w);
}
