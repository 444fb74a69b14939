// `ip netns`: names for namespaces under /run/netns, and programs inside them. iproute2: ip/ipnetns.c, lib/namespace.c.

import type { NsRef } from '../../../lab/os.ts';
import { NSID } from '../../../netlink/payload.ts';
import { RTM_GETNSID } from '../../../uapi/msgtype.ts';
import { Args, matches, parseNumber, parseSigned } from '../iproute/args.ts';
import { invarg, ToolError } from '../iproute/errors.ts';
import type { Ip } from './context.ts';
import { netnsNameOfId, nsidOfName, setNsid } from './netns-names.ts';

const USAGE = `Usage:\tip netns list
\tip netns add NAME
\tip netns attach NAME PID
\tip netns set NAME NETNSID
\tip [-all] netns delete [NAME]
\tip netns identify [PID]
\tip netns pids NAME
\tip [-all] netns exec [NAME] cmd ...
\tip netns monitor
\tip netns list-id [target-nsid POSITIVE-INT] [nsid POSITIVE-INT]
NETNSID := auto | POSITIVE-INT
`;

/** do_netns(). */
export async function doNetns(ip: Ip, words: readonly string[]): Promise<number> {
  if (words.length === 0) return list(ip);
  const [verb, ...rest] = words;
  if (matches(verb, 'list') || matches(verb, 'show') || verb === 'lst') return list(ip);
  if (matches(verb, 'list-id')) return listId(ip, new Args(rest));
  if (verb === 'help') {
    ip.proc.err(USAGE);
    return 255;
  }
  if (matches(verb, 'add')) return add(ip, rest);
  if (matches(verb, 'set')) return setId(ip, rest);
  if (matches(verb, 'delete')) return remove(ip, rest);
  if (matches(verb, 'identify')) return identify(ip, rest);
  if (matches(verb, 'pids')) return pids(ip, rest);
  if (matches(verb, 'exec')) return exec(ip, rest);
  if (matches(verb, 'monitor')) throw new ToolError('ip: lowerdev has no "netns monitor" yet\n', 1);
  if (matches(verb, 'attach')) return attach(ip, rest);
  throw new ToolError(`Command "${verb}" is unknown, try "ip netns help".\n`, 255);
}

/** Names come in the order in which a directory lists them: the newest first, as a tmpfs does. */
function names(ip: Ip): string[] {
  return [...ip.proc.os.nsNames()].reverse();
}

function list(ip: Ip): number {
  ip.out.begin();
  for (const name of names(ip)) {
    const id = nsidOfName(ip, name);
    ip.out.openObject();
    ip.out.any('name', name, name);
    if (id >= 0) ip.out.any('id', id, ` (id: ${id})`);
    ip.out.text('\n');
    ip.out.closeObject();
  }
  ip.out.finish();
  return 0;
}

function listId(ip: Ip, args: Args): number {
  let only = -1;
  for (; args.more; args.skip()) {
    if (args.word === 'nsid') {
      const text = args.need();
      only = parseNumber(text, 0x7fffffff) ?? invarg('"nsid" value is invalid', text);
    } else if (args.word === 'target-nsid') throw new ToolError('ip: lowerdev has no "target-nsid" yet\n', 1);
    else throw new ToolError(USAGE, 255);
  }
  ip.out.begin();
  const messages =
    only < 0
      ? ip.dumpOrDie(() => ip.client.dump(NSID, RTM_GETNSID, { family: 0 }, {})).messages
      : [ip.talk(() => ip.client.get(NSID, RTM_GETNSID, { family: 0 }, { nsid: only }))];
  for (const msg of messages) {
    const id = msg.attrs.nsid ?? -1;
    ip.out.openObject();
    ip.out.any('nsid', id, `nsid ${id} `);
    const name = netnsNameOfId(ip, id);
    if (name !== null) ip.out.any('name', name, `(iproute2 netns name: ${name})`);
    ip.out.text('\n');
    ip.out.closeObject();
  }
  ip.out.finish();
  return 0;
}

function validName(name: string): boolean {
  return name !== '' && name.length < 256 && !name.includes('/') && name !== '.' && name !== '..';
}

function checkName(name: string): void {
  if (!validName(name)) throw new ToolError(`Invalid netns name "${name}"\n`, 255);
}

function add(ip: Ip, words: readonly string[]): number {
  if (words.length < 1) throw new ToolError('No netns name specified\n', 1);
  const name = words[0];
  checkName(name);
  const { os } = ip.proc;
  if (os.nsByName(name) !== null)
    throw new ToolError(`Cannot create namespace file "/run/netns/${name}": File exists\n`, 1);
  os.nsBind(name, os.nsCreate());
  return 0;
}

function attach(ip: Ip, words: readonly string[]): number {
  if (words.length < 2) throw new ToolError('No netns name and PID specified\n', 1);
  const [name, pid] = words;
  checkName(name);
  const target = ip.proc.processes().find((p) => String(p.pid) === pid);
  if (!/^[0-9]+$/.test(pid)) throw new ToolError(`Invalid PID: ${pid}\n`, 1);
  if (target === undefined) {
    const text = `Bind /proc/${pid}/ns/net -> /run/netns/${name} failed: No such file or directory\n`;
    throw new ToolError(text, 1);
  }
  if (ip.proc.os.nsByName(name) !== null)
    throw new ToolError(`Cannot create namespace file "/run/netns/${name}": File exists\n`, 1);
  ip.proc.os.nsBind(name, target.ns);
  return 0;
}

function remove(ip: Ip, words: readonly string[]): number {
  const { os } = ip.proc;
  if (ip.opts.all) {
    for (const name of names(ip)) os.nsUnbind(name);
    return 0;
  }
  if (words.length < 1) throw new ToolError('No netns name specified\n', 1);
  const name = words[0];
  checkName(name);
  if (os.nsUnbind(name) < 0)
    throw new ToolError(`Cannot remove namespace file "/run/netns/${name}": No such file or directory\n`, 1);
  return 0;
}

function setId(ip: Ip, words: readonly string[]): number {
  if (words.length < 1) throw new ToolError('No netns name specified\n', 1);
  if (words.length < 2) throw new ToolError('No nsid specified\n', 1);
  const [name, value] = words;
  const id = value === 'auto' ? -1 : (parseSigned(value) ?? invarg('Invalid "netnsid" value', value));
  if (id < 0 && value !== 'auto') invarg('"netnsid" value should be >= 0', value);
  if (!setNsid(ip, name, id))
    throw new ToolError(`Cannot open network namespace "${name}": No such file or directory\n`, 1);
  return 0;
}

function identify(ip: Ip, words: readonly string[]): number {
  if (words.length > 1) throw new ToolError('extra arguments specified\n', 1);
  const pid = words[0];
  const processes = [...ip.proc.processes(), { pid: 1, ns: ip.proc.os.initNs }];
  const ns = pid === undefined ? ip.ns : processes.find((p) => String(p.pid) === pid)?.ns;
  if (pid !== undefined && !/^[0-9]+$/.test(pid)) throw new ToolError(`Specified string '${pid}' is not a pid\n`, 1);
  if (ns === undefined) throw new ToolError('Cannot open network namespace: No such file or directory\n', 1);
  ip.out.begin();
  const found = names(ip).filter((name) => ip.proc.os.nsByName(name) === ns);
  for (const name of found) {
    ip.out.openObject();
    ip.out.any('name', name, `${name}\n`);
    ip.out.closeObject();
  }
  if (found.length === 0) ip.out.text('\n');
  ip.out.finish();
  return 0;
}

function pids(ip: Ip, words: readonly string[]): number {
  if (words.length < 1) throw new ToolError('No netns name specified\n', 1);
  if (words.length > 1) throw new ToolError('extra arguments specified\n', 1);
  const ns = ip.proc.os.nsByName(words[0]);
  if (ns === null) throw new ToolError(`Cannot open network namespace: No such file or directory\n`, 1);
  for (const p of ip.proc.processes()) if (p.ns === ns) ip.proc.out(`${p.pid}\n`);
  return 0;
}

async function exec(ip: Ip, words: readonly string[]): Promise<number> {
  const { os } = ip.proc;
  if (ip.opts.all) {
    if (words.length < 1) throw new ToolError('No command specified\n', 1);
    for (const name of names(ip)) {
      const ns = os.nsByName(name);
      if (ns === null) continue;
      ip.proc.out(`\nnetns: ${name}\n`);
      await execIn(ip, words, ns);
    }
    return 0;
  }
  if (words.length < 1) throw new ToolError('No netns name specified\n', 1);
  if (words.length < 2) throw new ToolError('No command specified\n', 1);
  const [name, ...command] = words;
  checkName(name);
  const ns = os.nsByName(name);
  if (ns === null) throw new ToolError(`Cannot open network namespace "${name}": No such file or directory\n`, 255);
  return execIn(ip, command, ns);
}

async function execIn(ip: Ip, command: readonly string[], ns: NsRef): Promise<number> {
  if (ip.proc.which(command[0]) === null) {
    ip.proc.err(`exec of "${command[0]}" failed: No such file or directory\n`);
    return 1;
  }
  return ip.proc.exec(command, { ns, relay: true });
}
