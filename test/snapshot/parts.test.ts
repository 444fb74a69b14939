// Parts of taking a snapshot: dumps that are interrupted, namespaces that cannot be entered, what holds a namespace.

import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createModel } from '../../src/index.ts';
import { Dumps } from '../../src/lab/snapshot/dump.ts';
import { readSnapshot } from '../../src/lab/snapshot/read.ts';
import { isoTime } from '../../src/lab/snapshot/time.ts';
import { containerOf, foundNamespaces } from '../../src/linux/snapshot-host.ts';
import type { NlClient } from '../../src/netlink/client.ts';
import { NlError } from '../../src/netlink/error.ts';
import { LINK } from '../../src/netlink/payload.ts';

/** Interrupted that many times. */
function restless(times: number): { client: NlClient; asked: () => number } {
  let asked = 0;
  const dumpEach = (_form: unknown, _type: unknown, _header: unknown, _attrs: unknown, take: (m: number) => void) => {
    take(asked);
    return ++asked <= times;
  };
  return { client: { dumpEach } as unknown as NlClient, asked: () => asked };
}

test('an interrupted dump is asked again; one that never ends whole is taken, and said', () => {
  const unseen: string[] = [];
  const twice = restless(2);
  // What was handed over of an interrupted one is thrown away.
  expect(new Dumps(twice.client, 'blue', unseen).each('links', LINK, 18, {}, {}, (m) => m)).toEqual([2]);
  expect([twice.asked(), unseen]).toEqual([3, []]);
  const ever = restless(1e9);
  expect(new Dumps(ever.client, 'blue', unseen).each('links', LINK, 18, {}, {}, (m) => m)).toHaveLength(1);
  expect(unseen).toEqual(['links of blue changed while they were read, 20 times: some may be missing']);
});

test('what a kernel does not have is empty; what it refuses is said, in its words', () => {
  const unseen: string[] = [];
  const refusing = (error: NlError): NlClient =>
    ({
      dumpEach: () => {
        throw error;
      },
    }) as unknown as NlClient;
  new Dumps(refusing(new NlError('EOPNOTSUPP')), 'blue', unseen).each('rules', LINK, 18, {}, {}, (m) => m);
  expect(unseen).toEqual([]);
  new Dumps(refusing(new NlError('EPERM', 'not for you')), 'blue', unseen).each('rules', LINK, 18, {}, {}, (m) => m);
  expect(unseen).toEqual(['rules of blue were not told: EPERM (Operation not permitted): not for you']);
});

test('a namespace that cannot be entered is a line, and the rest is there', () => {
  const model = createModel({ seed: 1 });
  model.os.nsBind('blue', model.os.nsCreate());
  const kernel = Object.assign(Object.create(model.os), {
    nsNames: () => ['blue', 'gone'],
    nsByName: (name: string) => {
      if (name === 'blue') return model.os.nsByName(name);
      throw new Error('cannot enter the network namespace gone: EINVAL');
    },
  });
  const snapshot = readSnapshot(kernel);
  expect(snapshot.namespaces.map((ns) => ns.names)).toEqual([[], ['blue']]);
  expect(snapshot.unseen).toEqual([
    'namespace gone was not looked at: cannot enter the network namespace gone: EINVAL',
  ]);
  model.close();
});

test.each([
  [
    '0::/system.slice/docker-3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a.scope',
    'docker 3f2a91b04c7d',
  ],
  ['12:net_cls:/docker/3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a', 'docker 3f2a91b04c7d'],
  [
    '0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a.scope',
    'kubernetes 3f2a91b04c7d',
  ],
  [
    '0::/machine.slice/libpod-3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a91b04c7d3f2a.scope/container',
    'podman 3f2a91b04c7d',
  ],
  ['0::/lxc.payload.web/init.scope', 'lxc web'],
  ['0::/user.slice/user-0.slice', null],
])('the container of %s', (cgroup, container) => expect(containerOf(cgroup)).toBe(container));

test('a moment', () => {
  expect(isoTime(1_767_225_600e9)).toBe('2026-01-01T00:00:00Z');
  expect(isoTime(951_782_399e9)).toBe('2000-02-28T23:59:59Z');
  expect(isoTime(951_782_400e9)).toBe('2000-02-29T00:00:00Z');
});

const root = process.platform === 'linux' && process.getuid?.() === 0;
test.skipIf(!root)(
  'a namespace that only a process holds is found, with the process (needs root on Linux)',
  async () => {
    const child = spawn('unshare', ['--net', 'sh', '-c', 'echo ready; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      const inodeOf = (path: string): number => Number(/\d+/.exec(readlinkSync(path))?.[0]);
      const inode = inodeOf(`/proc/${child.pid}/ns/net`);
      const found = foundNamespaces(inodeOf('/proc/self/ns/net')).namespaces.find((ns) => ns.inode === inode);
      expect(found).toMatchObject({ path: `/proc/${child.pid}/ns/net`, processes: 1, paths: [] });
      expect(found?.holders.map((h) => [h.pid, h.container])).toEqual([[child.pid, null]]);
    } finally {
      child.kill('SIGKILL');
    }
  },
);
