// The header of every ethtool request: which device, and how the answer is to look.
// Linux: net/ethtool/netlink.c, ethnl_parse_header_dev_get(), ethnl_default_doit().

import type { NetDevice } from '../net/netdev.ts';
import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import type { AttrTable } from '../uapi/attr.ts';
import { ETHTOOL_FLAG_COMPACT_BITSETS, ETHTOOL_FLAG_OMIT_REPLY, ETHTOOL_GENL_VERSION } from '../uapi/ethtool.ts';
import type { Dump } from './dump.ts';
import { putGenl } from './genl-put.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const HEADER = 1;
const DEV_INDEX = 1;
const DEV_NAME = 2;
const FLAGS = 3;

/** The id that the family has on a machine like the one that was measured. */
export const ETHTOOL_ID = 21;

export interface EthReq {
  readonly req: Request;
  readonly tb: Tb;
  readonly flags: number;
  readonly compact: boolean;
  readonly omitReply: boolean;
}

/** The device that the request is about; null only when it need not name one. */
export function ethRequest(req: Request, tb: Tb): EthReq & { readonly dev: NetDevice | null } {
  if (!tb.has(HEADER)) throw new NlError('EINVAL', { missType: HEADER });
  const header = tb.nest(HEADER);
  const flags = header.u32(FLAGS);
  const dev = deviceOf(req, tb, header);
  return {
    req,
    tb,
    flags,
    dev,
    compact: (flags & ETHTOOL_FLAG_COMPACT_BITSETS) !== 0,
    omitReply: (flags & ETHTOOL_FLAG_OMIT_REPLY) !== 0,
  };
}

function deviceOf(req: Request, tb: Tb, header: Tb): NetDevice | null {
  if (header.has(DEV_INDEX)) {
    const dev = req.ns.devByIndex(header.u32(DEV_INDEX));
    if (dev === null) throw req.badAttr('ENODEV', 'no device matches ifindex', header, DEV_INDEX);
    if (header.has(DEV_NAME) && req.ns.dev(header.text(DEV_NAME)) !== dev) {
      throw req.badAttr('ENODEV', 'ifindex and name do not match', tb, HEADER);
    }
    return dev;
  }
  if (!header.has(DEV_NAME)) return null;
  const dev = req.ns.dev(header.text(DEV_NAME));
  if (dev === null) throw req.badAttr('ENODEV', 'no device matches name', header, DEV_NAME);
  return dev;
}

/** As above, for requests that must name a device. */
export function ethDevice(req: Request, tb: Tb): EthReq & { readonly dev: NetDevice } {
  const asked = ethRequest(req, tb);
  if (asked.dev === null) throw req.badAttr('EINVAL', 'neither ifindex nor name specified', tb, HEADER);
  return asked as EthReq & { readonly dev: NetDevice };
}

/** Attributes of an answer about one device, without the header; null: the device has no such operation. */
export type Fill<A> = (dev: NetDevice, compact: boolean) => A | null;

/** A GET that answers for one device, and dumps those that have an answer; `words` explain that there is none. */
export function getter<A>(table: AttrTable<A>, cmd: number, fill: Fill<A>, words?: string) {
  return {
    doit(req: Request, tb: Tb): void {
      const { dev, compact } = ethDevice(req, tb);
      const attrs = fill(dev, compact);
      if (attrs === null) throw new NlError('EOPNOTSUPP', words === undefined ? {} : words);
      req.reply(ETHTOOL_ID, (w) => {
        putGenl(w, cmd, ETHTOOL_GENL_VERSION);
        encodeTo(table, { header: headerOf(dev), ...attrs }, w);
      });
    },
    dump(req: Request, tb: Tb, out: Dump, tells: (dev: NetDevice) => boolean = () => true): void {
      const { compact } = ethRequest(req, tb);
      for (const dev of req.ns.devices()) {
        if (!tells(dev)) continue;
        const attrs = fill(dev, compact);
        if (attrs === null) {
          req.note ??= words; // said at the end of the dump, although it went on
          continue;
        }
        out.message(ETHTOOL_ID, (w) => {
          putGenl(w, cmd, ETHTOOL_GENL_VERSION);
          encodeTo(table, { header: headerOf(dev), ...attrs }, w);
        });
      }
    },
  };
}

export function headerOf(dev: NetDevice): { devIndex: number; devName: string } {
  return { devIndex: dev.ifindex, devName: dev.name };
}
