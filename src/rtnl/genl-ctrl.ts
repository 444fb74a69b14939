// The controller of generic netlink: which families there are, their ids, commands and groups.
// Not here: policies (CTRL_CMD_GETPOLICY), which no tool that lowerdev speaks to asks for.
// Linux: net/netlink/genetlink.c, ctrl_getfamily(), ctrl_fill_info().

import { encodeTo } from '../netlink/attrs.ts';
import { NlError } from '../netlink/error.ts';
import type { Writer } from '../netlink/writer.ts';
import {
  CTRL_ATTR,
  CTRL_CMD_GETFAMILY,
  CTRL_CMD_NEWFAMILY,
  type CtrlAttrs,
  GENL_CMD_CAP_DO,
  GENL_CMD_CAP_DUMP,
  GENL_CMD_CAP_HASPOL,
  GENL_ID_CTRL,
} from '../uapi/genl.ts';
import type { Dump } from './dump.ts';
import { putGenl } from './genl-put.ts';
import type { GenlFamily } from './genl-types.ts';
import type { Request } from './request.ts';
import type { Tb } from './tb.ts';

const FAMILY_ID = 1;
const FAMILY_NAME = 2;
const VERSION = 2;

/** The controller's own family, which knows itself and `others`. */
export function controller(others: readonly GenlFamily[]): GenlFamily {
  const families: GenlFamily[] = [];
  const self: GenlFamily = {
    id: GENL_ID_CTRL,
    name: 'nlctrl',
    version: VERSION,
    maxattr: 0,
    reservedFrom: 11,
    ops: new Map([
      [
        CTRL_CMD_GETFAMILY,
        {
          table: CTRL_ATTR,
          caps: GENL_CMD_CAP_DO | GENL_CMD_CAP_DUMP | GENL_CMD_CAP_HASPOL,
          doit: (req: Request, tb: Tb) => getFamily(families, req, tb),
          dump: (_req: Request, _tb: Tb, out: Dump) => {
            for (const family of families) out.message(GENL_ID_CTRL, (w) => fill(w, family));
          },
        },
      ],
    ]),
    groups: [['notify', GENL_ID_CTRL]],
  };
  families.push(self, ...others);
  return self;
}

function getFamily(families: readonly GenlFamily[], req: Request, tb: Tb): void {
  if (!tb.has(FAMILY_ID) && !tb.has(FAMILY_NAME)) throw new NlError('EINVAL');
  const family = tb.has(FAMILY_NAME)
    ? families.find((f) => f.name === tb.text(FAMILY_NAME))
    : families.find((f) => f.id === tb.u16(FAMILY_ID));
  if (family === undefined) throw new NlError('ENOENT');
  req.reply(GENL_ID_CTRL, (w) => fill(w, family));
}

function fill(w: Writer, family: GenlFamily): void {
  putGenl(w, CTRL_CMD_NEWFAMILY, VERSION);
  const ops = [...family.ops].map(([id, op]) => ({ id, flags: op.caps }));
  const attrs: CtrlAttrs = {
    familyName: family.name,
    familyId: family.id,
    version: family.version,
    hdrsize: 0,
    maxattr: family.maxattr,
    ops,
  };
  if (family.groups.length > 0) attrs.mcastGroups = family.groups.map(([name, id]) => ({ id, name }));
  encodeTo(CTRL_ATTR, attrs, w);
}
