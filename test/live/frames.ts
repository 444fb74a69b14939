// Every frame at every device while a whole script runs: a packet socket in each namespace, in the model and in a sandbox of
// this machine's kernel, as tcpdump has it. What chance decides is taken out, the order on each device is kept.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createModel, openSession } from '../../src/index.ts';
import type { NsRef } from '../../src/lab/os.ts';
import type { NetNs } from '../../src/net/netns.ts';
import { setU16, setU32, u16 } from '../../src/wire/bytes.ts';
import { ETH_P_ALL } from '../../src/wire/ethernet.ts';
import { firstCopiesFirst } from '../oracle/compare.ts';
import { crc32, KINDS, unhex } from '../oracle/text.ts';
import { type Facts, factsOf, know, macAt } from './unasked.ts';

export interface Watched {
  output: string;
  /** By `namespace/device`: its frames in order, as `KIND length to from type sum`. */
  frames: Map<string, string[]>;
  /** What was said at random times. */
  facts: Facts;
}

/** A run in the model. */
export interface Modelled extends Watched {
  /** Devices that are there when the script ends, and when that was, in seconds. */
  left: ReadonlySet<string>;
  ended: number;
}

const ETH_HLEN = 14;
const IPPROTO_ICMP = 1;
const IPPROTO_FRAGMENT = 44;
const IPPROTO_ICMPV6 = 58;

/**
 * An IPv4 packet's identifier, that of fragments, an IPv6 flow label, an echo's identifier and the clock that ping puts into its
 * data become zero, with the checksum over them; an error's quotation of a packet the same.
 */
function lineOf(kind: string, bytes: Uint8Array, tag: string): string {
  const b = bytes.slice();
  const type = b.length < ETH_HLEN ? 0 : u16(b, 12);
  if (type === 0x0800) plainIp(b, ETH_HLEN);
  if (type === 0x86dd) plainIp6(b, ETH_HLEN);
  if (type === 0x0806 && b.length >= ETH_HLEN + 28) {
    for (const at of [22, 32]) if (macAt(b, at) === 'made-up') b.fill(0, at, at + 6);
  }
  const ends = b.length < ETH_HLEN ? '' : ` ${macAt(b, 0)} < ${macAt(b, 6)}`;
  return `${kind} ${b.length}${ends} ${type.toString(16).padStart(4, '0')} ${crc32(b.subarray(12))}${tag}`;
}

function plainIp(b: Uint8Array, at: number): void {
  if (b.length < at + 20) return;
  const l4 = at + (b[at] & 15) * 4;
  setU16(b, at + 4, 0);
  setU16(b, at + 10, 0);
  if (b[at + 9] !== IPPROTO_ICMP || b.length < l4 + 8) return;
  const later = (u16(b, at + 6) & 0x1fff) !== 0;
  if (later) return;
  setU16(b, l4 + 2, 0);
  if (b[l4] === 0 || b[l4] === 8) plainEcho(b, l4);
  else plainIp(b, l4 + 8);
}

/** Of a later fragment what ICMP has at its beginning is not there. */
function plainIp6(b: Uint8Array, at: number): void {
  if (b.length < at + 40) return;
  b[at + 1] &= 0xf0;
  setU16(b, at + 2, 0);
  const fragment = b[at + 6] === IPPROTO_FRAGMENT && b.length >= at + 48;
  const l4 = fragment ? at + 48 : at + 40;
  if (fragment) setU32(b, at + 44, 0);
  const later = fragment && (u16(b, at + 42) & 0xfff8) !== 0;
  if (b[fragment ? at + 40 : at + 6] !== IPPROTO_ICMPV6 || later || b.length < l4 + 8) return;
  setU16(b, l4 + 2, 0);
  if (b[l4] === 128 || b[l4] === 129) plainEcho(b, l4);
  else plainIp6(b, l4 + 8);
}

function plainEcho(b: Uint8Array, at: number): void {
  setU16(b, at + 4, 0);
  for (let i = at + 8; i < Math.min(at + 24, b.length); i += 4) if (i + 4 <= b.length) setU32(b, i, 0);
}

function add(list: Map<string, string[]>, dev: string, line: string): void {
  const lines = list.get(dev);
  if (lines === undefined) list.set(dev, [line]);
  else lines.push(line);
}

/** Until all that the last command set off at random has been said, once. */
const LATER_S = 15;

export async function inModel(script: string, seed = 1): Promise<Modelled> {
  const model = createModel({ seed });
  const { os } = model;
  const frames: Watched['frames'] = new Map();
  const facts: Facts = new Map();
  const names = new Map<NsRef, string>([[os.initNs, 'host']]);
  const sockets: Array<{ close(): void }> = [];
  let ended = false;
  const watch = (ns: NetNs): void => {
    const socket = os.socket(ns, 'packet', ETH_P_ALL);
    if (typeof socket === 'number') throw new Error(`no packet socket: ${socket}`);
    socket.setOption('SO_RCVBUF', 1 << 22);
    socket.onReadable = (): void => {
      for (let m = socket.recv(); m !== null; m = socket.recv()) {
        const dev = `${names.get(ns)}/${ns.devByIndex(m.from.ifindex)?.name ?? '?'}`;
        const said = factsOf(KINDS[m.pktType], m.data);
        if (said !== null) know(facts, dev, said, model.loop.now / 1e9);
        else if (!ended) add(frames, dev, lineOf(KINDS[m.pktType], m.data, m.vlanTci < 0 ? '' : ` vlan ${m.vlanTci}`));
      }
    };
    sockets.push(socket);
  };
  watch(os.initNs);
  const bind = os.nsBind.bind(os);
  os.nsBind = (name, ns): number => {
    const rc = bind(name, ns);
    if (rc === 0 && !names.has(ns)) {
      names.set(ns, name);
      watch(ns as NetNs);
    }
    return rc;
  };
  let output = '';
  const session = openSession(model, { onOutput: (_stream, text) => void (output += text) });
  await session.run(script);
  const end = model.loop.now / 1e9;
  const left = new Set([...names].flatMap(([ns, name]) => (ns as NetNs).devices().map((d) => `${name}/${d.name}`)));
  model.loop.runUntil(model.loop.now + 0.3e9);
  ended = true;
  model.loop.runUntil(model.loop.now + LATER_S * 1e9);
  for (const socket of sockets) socket.close();
  model.close();
  return { output, frames, facts, left, ended: end };
}

/** `ip` tells the watcher of each namespace that it made, and waits until that is watched. */
const WRAPPER = `#!/bin/sh
REAL "$@"
rc=$?
case " $* " in
  *" netns add "*) for name; do :; done; [ $rc -eq 0 ] && { echo "$name" > DIR/names; read -r _ < DIR/answers; } ;;
esac
exit $rc
`;

export async function onThisKernel(script: string, seconds = 120): Promise<Watched> {
  const dir = mkdtempSync(join(tmpdir(), 'lowerdev-frames-'));
  try {
    const real = execFileSync('sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v ip'], { encoding: 'utf8' }).trim();
    writeFileSync(join(dir, 'ip'), WRAPPER.replace('REAL', real).replaceAll('DIR', dir), { mode: 0o755 });
    writeFileSync(join(dir, 'sudo'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
    writeFileSync(join(dir, 'script'), script);
    execFileSync('mkfifo', [join(dir, 'names'), join(dir, 'answers')]);
    const sniff = join(process.cwd(), 'test/live/sniff.py');
    const ready = `mount --make-rprivate / && mkdir -p /run/netns && mount -t tmpfs none /run/netns && mount -t sysfs sys /sys
cd ${dir}; ip link set lo up
python3 ${sniff} names answers frames & read -r _ < answers
PATH=${dir}:$PATH sh ./script 2>&1
sleep 0.3; echo > names; wait`;
    const args = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', 'sh', '-c', ready];
    const env = { ...process.env, LC_ALL: 'C', PATH: `/usr/sbin:/sbin:/usr/bin:/bin:${process.env.PATH ?? ''}` };
    const options = { encoding: 'utf8', timeout: seconds * 1000, maxBuffer: 1 << 26, env } as const;
    const { stdout: output } = await promisify(execFile)('unshare', args, options);
    const frames: Watched['frames'] = new Map();
    const facts: Facts = new Map();
    for (const line of readFileSync(join(dir, 'frames'), 'utf8').split('\n')) {
      if (line === '') continue;
      const [ns, dev, kind, hex, ...tag] = line.split(' ');
      const bytes = unhex(hex);
      const said = factsOf(kind, bytes);
      if (said !== null) know(facts, `${ns}/${dev}`, said, 0);
      else add(frames, `${ns}/${dev}`, lineOf(kind, bytes, tag.length > 0 ? ` ${tag.join(' ')}` : ''));
    }
    return { output, frames, facts };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Devices whose frames differ, with the first place where they do; empty when none does. `byPath`: where several frames are
 * under way, those of different senders overtake each other, and a device may send before or after it receives; so only the
 * frames of one kind with the same addresses are in order, and second copies (reflected, or over another path) come anywhere
 * after the first.
 */
export function differ(model: Watched['frames'], kernel: Watched['frames'], byPath: boolean): string[] {
  const out: string[] = [];
  for (const dev of [...new Set([...model.keys(), ...kernel.keys()])].sort((x, y) => (x < y ? -1 : 1))) {
    const [a, b] = [model, kernel].map((of) => (byPath ? paths : same)(of.get(dev) ?? []));
    const at = a.findIndex((line, i) => line !== b[i]);
    if (at < 0 && a.length === b.length) continue;
    const from = at < 0 ? a.length : at;
    out.push(`${dev}: ${a.length} frames in the model, ${b.length} on the kernel; from frame ${from}`);
    out.push(
      ...a.slice(from, from + 4).map((l) => `  model  ${l}`),
      ...b.slice(from, from + 4).map((l) => `  kernel ${l}`),
    );
  }
  return out;
}

const same = (lines: string[]): string[] => lines;

function paths(lines: string[]): string[] {
  const by = new Map<string, string[]>();
  for (const line of lines) {
    const path = line.slice(0, line.lastIndexOf(' ')).replace(/ \d+/, '');
    add(by, path, line);
  }
  const keys = [...by.keys()].sort((x, y) => (x < y ? -1 : 1));
  return keys.flatMap((key) => firstCopiesFirst(by.get(key) as string[]));
}
