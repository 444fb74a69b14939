// A kernel with no network, for tests of the shell: namespaces with names, a few /proc and /sys files, a clock.

import type { NsRef, Os } from '../../lab/os.ts';
import { Loop } from '../../sim/loop.ts';
import type { Kernel } from '../session.ts';

const ENOENT = 2;
const EEXIST = 17;
const EINVAL = 22;
const ENOTDIR = 20;
const EPOCH_NS = 1_767_225_600e9;

export function fakeKernel(): Kernel {
  const loop = new Loop();
  return { os: fakeOs(loop), loop, busiest: () => ['ns1/veth0', 'br0'] };
}

function fakeOs(loop: Loop): Os {
  const initNs: NsRef = { inode: 4026531840 };
  const names = new Map<string, NsRef>();
  const knobs = new Map([['/proc/sys/net/ipv4/ip_forward', '0\n']]);
  const files = new Map([
    ['/sys/class/net/eth0/address', '02:00:00:00:00:01\n'],
    ['/sys/class/net/eth0/mtu', '1500\n'],
    ['/sys/class/net/lo/mtu', '65536\n'],
    ['/proc/net/dev', 'Inter-|\n'],
  ]);
  const paths = (): string[] => [...files.keys(), ...knobs.keys()];
  const none = (): never => {
    throw new Error('the fake kernel has no network');
  };
  let inode = 4026532000;
  return {
    initNs,
    execNs: 0,
    nowNs: () => loop.now,
    wallNs: () => EPOCH_NS + loop.now,
    nsCreate: () => ({ inode: inode++ }),
    nsBind(name, ns) {
      if (names.has(name)) return -EEXIST;
      names.set(name, ns);
      return 0;
    },
    nsUnbind: (name) => (names.delete(name) ? 0 : -ENOENT),
    nsNames: () => [...names.keys()],
    nsByName: (name) => names.get(name) ?? null,
    nsOpen: () => 3,
    nsClose: () => undefined,
    nsHold: () => undefined,
    nsRelease: () => undefined,
    netlink: none,
    socket: none,
    readFile: (_ns, path) => files.get(path) ?? knobs.get(path) ?? -ENOENT,
    writeFile(_ns, path, text) {
      if (!knobs.has(path)) return files.has(path) ? -13 : -ENOENT;
      if (!/^\d+\n?$/.test(text)) return -EINVAL;
      knobs.set(path, `${text.trim()}\n`);
      return 0;
    },
    listDir(_ns, path) {
      const below = path.endsWith('/') ? path : `${path}/`;
      if (files.has(path) || knobs.has(path)) return -ENOTDIR;
      const entries = new Set<string>();
      for (const p of paths()) if (p.startsWith(below)) entries.add(p.slice(below.length).split('/')[0]);
      return entries.size === 0 ? -ENOENT : [...entries];
    },
    drvInfo: none,
    drvStats: none,
    deviceGroup: none,
  };
}
