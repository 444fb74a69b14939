// Generic netlink: requests go to a family by message type and to a command by the header. Two families: the controller
// (nlctrl) and ethtool. A new family adds one line here. Linux: net/netlink/genetlink.c, genl_rcv_msg().

import { NlError } from '../netlink/error.ts';
import { refuseInvalid } from '../netlink/policy.ts';
import { GENLMSGHDR } from '../uapi/genl.ts';
import { NLM_F_DUMP } from '../uapi/netlink.ts';
import { Dump } from './dump.ts';
import { ethtool } from './ethtool.ts';
import { controller } from './genl-ctrl.ts';
import type { GenlFamily } from './genl-types.ts';
import { ANSWERED, type Outcome, receive, refusalOf } from './receive.ts';
import type { Request } from './request.ts';
import type { NlSocket } from './socket.ts';
import { Tb } from './tb.ts';

const OTHERS: readonly GenlFamily[] = [ethtool];
const FAMILIES: readonly GenlFamily[] = [controller(OTHERS), ...OTHERS];

export function receiveGeneric(sock: NlSocket, datagram: Uint8Array): void {
  receive(sock, datagram, genericMessage);
}

function genericMessage(req: Request): Outcome {
  const family = FAMILIES.find((f) => f.id === req.type);
  if (family === undefined) throw new NlError('ENOENT');
  if (req.len < GENLMSGHDR.size) throw new NlError('EINVAL');
  const { msg } = req;
  const cmd = msg.bytes[msg.at];
  if (cmd >= family.reservedFrom && msg.view.getUint16(msg.at + 2, true) !== 0) {
    throw new NlError('EINVAL', 'genlmsghdr.reserved field is not 0');
  }
  const op = family.ops.get(cmd);
  const dump = (req.flags & NLM_F_DUMP) === NLM_F_DUMP;
  if (op === undefined || (dump ? op.dump : op.doit) === undefined) throw new NlError('EOPNOTSUPP');
  const at = req.attrsAt(GENLMSGHDR);
  if (op.table !== null) refuseInvalid(op.table, msg, at, { strict: true });
  const tb = new Tb(msg, at, msg.end);
  if (!dump) {
    op.doit?.(req, tb);
    return { errno: 0, extack: {}, answered: false };
  }
  const out = new Dump(req.sock, msg.seq);
  let failed: Outcome = ANSWERED;
  try {
    op.dump?.(req, tb, out);
  } catch (e) {
    failed = refusalOf(req, e);
  }
  const words = failed.errno === 0 && req.note !== undefined ? { text: req.note } : failed.extack;
  out.finish(true, failed.errno, words);
  return ANSWERED;
}
