// This machine's kernel behind the seam: a lab of two namespaces made, asked and probed as the model would be. Needs Linux
// and root; says so and is skipped elsewhere.

import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Received, Socket } from '../lab/os.ts';
import { NlClient } from '../netlink/client.ts';
import { LINK } from '../netlink/payload.ts';
import { IFF_UP } from '../uapi/link.ts';
import { RTM_GETLINK, RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../uapi/netlink.ts';
import { ETH_P_ALL } from '../wire/ethernet.ts';
import { LinuxOs } from './linux-os.ts';
import type { LinuxNs } from './netns.ts';

const reason = process.platform !== 'linux' ? 'needs Linux' : process.getuid?.() === 0 ? null : 'needs root';

describe.skipIf(reason !== null)(`this kernel as an Os${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let os: LinuxOs;
  let [a, b]: LinuxNs[] = [];
  const clients: NlClient[] = [];
  const client = (ns: LinuxNs): NlClient => {
    const c = new NlClient(os.netlink(ns, 0));
    clients.push(c);
    return c;
  };

  beforeAll(async () => {
    os = await LinuxOs.open();
    [a, b] = [os.nsCreate(), os.nsCreate()];
  });
  afterAll(() => {
    for (const c of clients) c.close();
    for (const ns of [a, b]) if (ns !== undefined) os.nsRelease(ns);
  });

  test('a veth whose peer is created in another namespace, and a frame from one to the other', async () => {
    const [ca, cb] = [client(a), client(b)];
    ca.request(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, { flags: IFF_UP, change: IFF_UP }, {
      ifname: 'va',
      linkinfo: { kind: 'veth', data: { peer: { header: {}, attrs: { ifname: 'vb', netNsFd: os.nsOpen(b) } } } },
    } as never);
    cb.request(LINK, RTM_NEWLINK, 0, { flags: IFF_UP, change: IFF_UP }, { ifname: 'vb' });
    const indexOf = (c: NlClient, ifname: string): number => c.get(LINK, RTM_GETLINK, {}, { ifname }).header.index;
    const open = (ns: LinuxNs, ifindex: number): Socket => {
      const s = os.socket(ns, 'packet', 0x88b5) as Socket;
      expect(s.bind({ addr4: 0, port: 0, ifindex, protocol: 0x88b5, mac: 0 } as never)).toBe(0);
      return s;
    };
    const from = open(a, indexOf(ca, 'va'));
    const to = open(b, indexOf(cb, 'vb'));
    const heard = new Promise<void>((resolve) => {
      to.onReadable = resolve;
    });
    const frame = new Uint8Array(60).fill(7);
    frame.set([255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9, 0x88, 0xb5]);
    expect(from.sendTo(frame, null)).toBe(60);
    await heard;
    const got = to.recv();
    expect(got?.data).toEqual(frame);
    expect([got?.pktType, got?.from.mac]).toEqual([1, 0x020000000009]);
    expect(to.recv()).toBe(null);
    from.close();
    to.close();
  });

  test('a capture has the tag that the kernel takes out of a frame, and counts what it lost', async () => {
    const indexOf = (ns: LinuxNs, ifname: string): number =>
      client(ns).get(LINK, RTM_GETLINK, {}, { ifname }).header.index;
    const all = (ns: LinuxNs, ifname: string): Socket => {
      const s = os.socket(ns, 'packet', ETH_P_ALL) as Socket;
      s.bind({ addr4: 0, port: 0, ifindex: indexOf(ns, ifname), protocol: ETH_P_ALL, mac: 0 });
      return s;
    };
    const [from, to] = [all(a, 'va'), all(b, 'vb')];
    const isOurs = (r: Received | null): r is Received => r !== null && r.from.mac === 0x020000000009;
    const next = async (): Promise<Received> => {
      for (;;) {
        const got = to.recv();
        if (isOurs(got)) return got;
        if (got === null) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const head = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 9];
    const send = (tag: number[], size: number): number => {
      const frame = new Uint8Array(size).fill(7);
      frame.set([...head, ...tag, 0x88, 0xb5]);
      return from.sendTo(frame, null);
    };
    send([], 60);
    send([0x81, 0x00, 0x60, 0x64], 64);
    send([0x88, 0xa8, 0x00, 0x05], 64);
    const got = [await next(), await next(), await next()];
    expect(got.map((r) => [r.vlanTci, r.vlanTpid, r.data.length, r.wireLen])).toEqual([
      [-1, undefined, 60, 60],
      [0x6064, 0x8100, 60, 60],
      [5, 0x88a8, 60, 60],
    ]);
    for (const { data } of got) expect([...data.subarray(0, 14)]).toEqual([...head, 0x88, 0xb5]);
    expect(to.drops).toBe(0);
    for (let i = 0; i < 20_000 && to.drops === 0; i++) send([], 1500);
    const { drops } = to;
    expect(drops).toBeGreaterThan(0);
    expect(to.drops).toBe(drops);
    from.close();
    to.close();
  });

  test('a path that is no namespace is not opened, be it a FIFO that nobody writes to', () => {
    const dir = mkdtempSync(join(tmpdir(), 'lowerdev-fifo-'));
    const fifo = join(dir, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const held = openSync(fifo, constants.O_RDWR); // or opening it would wait for ever
    try {
      expect(() => os.nsByPath(fifo)).toThrow(/^cannot enter the network namespace .*fifo: EINVAL$/);
      expect(() => os.nsByPath('/proc/self/mountinfo')).toThrow(/EINVAL$/);
      const own = os.nsByPath('/proc/self/ns/net');
      expect(own?.inode).toBe(os.initNs.inode);
      if (own !== null) os.nsRelease(own);
    } finally {
      closeSync(held);
      rmSync(dir, { recursive: true });
    }
  });

  test('/proc/sys of a namespace', () => {
    const path = '/proc/sys/net/ipv4/ip_forward';
    expect(os.readFile(a, path)).toBe('0\n');
    expect(os.writeFile(a, path, '1\n')).toBe(0);
    expect([os.readFile(a, path), os.readFile(b, path)]).toEqual(['1\n', '0\n']);
    expect(os.readFile(a, '/proc/sys/net/nosuch')).toBe(-2);
    expect(os.writeFile(a, '/proc/sys/net/nosuch', '1')).toBe(-2);
    expect(os.readFile(b, '/proc/net/dev')).toMatch(/vb:/);
  });
});
