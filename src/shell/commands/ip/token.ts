// `ip token`: the lower half that addresses made from advertised prefixes get, per device. iproute2: ip/iptoken.c.

import { LINK, LINK6 } from '../../../netlink/payload.ts';
import { formatIp6 } from '../../../uapi/format.ts';
import { IFF_LOOPBACK, IFF_NOARP } from '../../../uapi/link.ts';
import { RTM_GETLINK, RTM_SETLINK } from '../../../uapi/msgtype.ts';
import { Args, matches, needPrefix } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';

const USAGE = 'Usage: ip token [ list | set | del | get ] [ TOKEN ] [ dev DEV ]\n';
const AF_INET6 = 10;

export function doToken(ip: Ip, words: readonly string[]): number {
  const [verb = 'list', ...rest] = words;
  if (['list', 'lst', 'show'].some((w) => matches(verb, w))) return list(ip, new Args(rest));
  if (matches(verb, 'set') || matches(verb, 'add')) return set(ip, new Args(rest), false);
  if (matches(verb, 'delete')) return set(ip, new Args(rest), true);
  if (matches(verb, 'get')) return list(ip, new Args(rest));
  if (matches(verb, 'help')) throw new ToolError(USAGE, 255);
  throw new ToolError(`Command "${verb}" is unknown, try "ip token help".\n`, 255);
}

function device(ip: Ip, args: Args): number {
  const name = args.need();
  const index = ip.links.index(name);
  return index === 0 ? invarg('dev is invalid\n', name) : index;
}

/** Words that it does not know it passes over, as the tool does. */
function list(ip: Ip, args: Args): number {
  let index = 0;
  for (; args.more && index === 0; args.skip()) if (args.word === 'dev') index = device(ip, args);
  const { messages } = ip.dumpOrDie(() => ip.client.dump(LINK6, RTM_GETLINK, { family: AF_INET6 }, {}));
  ip.out.begin();
  for (const { header, attrs } of messages) {
    if (header.family !== AF_INET6 || (index !== 0 && header.index !== index)) continue;
    if ((header.flags & (IFF_LOOPBACK | IFF_NOARP)) !== 0) continue;
    const token = formatIp6((attrs.protinfo?.token as Uint8Array | undefined) ?? new Uint8Array(16));
    const name = ip.links.name(header.index);
    ip.out.openObject();
    ip.out.tint('inet6', 'token', token, token, 'token ');
    ip.out.tint('ifname', 'ifname', name, `${name}\n`, ' dev ');
    ip.out.closeObject();
  }
  ip.out.finish();
  return 0;
}

/** `del` is a token of zeros. */
function set(ip: Ip, args: Args, del: boolean): number {
  let index = 0;
  let token: Uint8Array | null = del ? new Uint8Array(16) : null;
  for (; args.more; args.skip()) {
    if (args.word === 'dev') {
      if (index === 0) index = device(ip, args);
      else args.need();
      continue;
    }
    if (matches(args.word, 'help')) throw new ToolError(USAGE, 255);
    token ??= (needPrefix(args.word, AF_INET6).ip as Uint8Array | null) ?? new Uint8Array(16);
  }
  if (token === null) throw new ToolError('Not enough information: token is required.\n', 1);
  if (index === 0) throw new ToolError('Not enough information: "dev" argument is required.\n', 1);
  const afSpec = { inet6: { token } };
  ip.talk(() => ip.client.request(LINK, RTM_SETLINK, 0, { family: AF_INET6, index }, { afSpec }));
  return 0;
}
