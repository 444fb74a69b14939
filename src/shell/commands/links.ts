// One link by its name, for commands that ask netlink for nothing else of links.

import type { NlClient } from '../../netlink/client.ts';
import { NlError } from '../../netlink/error.ts';
import type { Decoded } from '../../netlink/message.ts';
import { LINK } from '../../netlink/payload.ts';
import type { IfInfoMsg } from '../../uapi/ifla.ts';
import type { LinkAttrs } from '../../uapi/link.ts';
import { RTM_GETLINK } from '../../uapi/msgtype.ts';

/** Null: there is none. */
export function linkNamed(client: NlClient, ifname: string): Decoded<IfInfoMsg, LinkAttrs> | null {
  try {
    return client.get(LINK, RTM_GETLINK, {}, { ifname });
  } catch (e) {
    if (e instanceof NlError) return null;
    throw e;
  }
}
