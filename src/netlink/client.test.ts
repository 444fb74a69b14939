// The client against recordings of a real kernel: what it asks must be the recorded bytes.
import { describe, expect, test } from 'vitest';
import { capture, exchange } from '../../test/netlink-captures.ts';
import { ETHTOOL_MSG_FEATURES_GET } from '../uapi/ethtool.ts';
import { FEATURE_NAMES } from '../uapi/ethtool-names.ts';
import { RTM_GETLINK, RTM_GETROUTE, RTM_NAMES, RTM_NEWADDR, RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP_INTR, NLM_F_EXCL } from '../uapi/netlink.ts';
import { NlClient, type Request } from './client.ts';
import { NlError } from './error.ts';
import { ETHTOOL, familyOf } from './genl.ts';
import { decodeMessage, encodeAck, encodeDone, encodeMessage, type NlMessage, parseMessages } from './message.ts';
import { ADDR, LINK, ROUTE } from './payload.ts';
import { ReplayTransport } from './replay.ts';
import type { NlTransport } from './transport.ts';

function replay(name: Parameters<typeof capture>[0], ...whats: string[]): NlClient {
  return new NlClient(new ReplayTransport(whats.map((what) => exchange(capture(name), what))), 100);
}

describe('asks as recorded', () => {
  test('a dump', () => {
    const client = replay('links', 'all links');
    const { messages, interrupted } = client.dump(LINK, RTM_GETLINK, {}, { extMask: 9 });
    expect(interrupted).toBe(false);
    expect(messages.map((m) => m.attrs.ifname)).toContain('brdg0');
    client.close();
  });

  test('one of them', () => {
    const link = replay('links', 'one link by name').get(LINK, RTM_GETLINK, {}, { ifname: 'src0' });
    expect(link.attrs.linkinfo?.kind).toBe('macvlan');
  });

  test('a route', () => {
    const header = { family: 2, dstLen: 32, flags: 0x1000 };
    const route = replay('routes', 'the way to 10.9.1.2').get(ROUTE, RTM_GETROUTE, header, { dst: 0x0a090102 });
    expect(route.attrs).toMatchObject({ gateway: 0x0a000002, metrics: { mtu: 1400 } });
  });

  test('a change that is granted, and one that is refused', () => {
    const client = replay('errors', 'an acknowledgement', 'unknown kind');
    client.request(LINK, RTM_NEWLINK, 0, { index: 3 }, {});
    const attrs = { ifname: 'x0', linkinfo: { kind: 'nosuchkind' } };
    // the recording has an empty IFLA_INFO_DATA, which no table knows for this kind
    const linkinfo = { ...attrs.linkinfo, unknown: [{ type: 2, bytes: new Uint8Array(0) }] };
    const refusal = client.tryRequest(LINK, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, {}, { ...attrs, linkinfo });
    expect(refusal).toBeInstanceOf(NlError);
    expect(refusal?.code).toBe('EOPNOTSUPP');
    expect(refusal?.extack.text).toBe('Unknown device type');
    client.close();
  });

  test('generic netlink: a family, then features', () => {
    const client = replay('ethtool', 'nlctrl: the ethtool family', 'features of eth0, compact');
    const family = familyOf(client, 'ethtool');
    expect(family.mcastGroups?.map((group) => group.name)).toEqual(['monitor']);
    const asked = { header: { devName: 'eth0', flags: 1 } };
    const { attrs } = client.get(
      ETHTOOL.features,
      family.familyId as number,
      { cmd: ETHTOOL_MSG_FEATURES_GET, version: 1 },
      asked,
      NLM_F_ACK,
    );
    const [low, high] = attrs.active?.value ?? [0, 0];
    const active = FEATURE_NAMES.filter((_, bit) => ((bit < 32 ? low >>> bit : high >>> (bit - 32)) & 1) === 1);
    expect(active).toContain('tx-checksum-ip-generic');
    expect(active).not.toContain('l2-fwd-offload');
  });

  test('a request that differs from the recording stops the test', () => {
    expect(() => replay('links', 'one link by name').get(LINK, RTM_GETLINK, {}, { ifname: 'src1' })).toThrow('differs');
    expect(() => replay('links', 'one link by name').close()).toThrow('never came');
  });
});

/** A kernel of a few lines: answers by a function. */
function kernelOf(answer: (msg: NlMessage) => Uint8Array[]): NlTransport {
  const waiting: Uint8Array[] = [];
  return {
    portId: 9,
    onReadable: null,
    send: (datagram) => waiting.push(...parseMessages(datagram).flatMap(answer)),
    recv: () => waiting.shift() ?? null,
    join: () => {},
    close: () => {},
  };
}

/** A kernel that makes each datagram when it is asked for; `live`: messages that were received and not handed over yet. */
function longDump(datagrams: number, each: number): NlTransport & { live: { now: number; most: number } } {
  const live = { now: 0, most: 0 };
  let [seq, sent] = [0, 0];
  return {
    ...{ live, portId: 9, onReadable: null, join: () => {}, close: () => {} },
    send: (datagram) => {
      [seq, sent] = [parseMessages(datagram)[0].seq, 0];
    },
    recv: () => {
      if (sent === datagrams) return encodeDone(seq, 9);
      const head = { type: RTM_NEWLINK, seq, pid: 9, flags: 2 };
      const parts = Array.from({ length: each }, (_, i) =>
        encodeMessage(LINK, head, { index: sent * each + i + 1 }, {}),
      );
      sent++;
      live.now += each;
      live.most = Math.max(live.most, live.now);
      return new Uint8Array(parts.flatMap((part) => [...part]));
    },
  };
}

describe('answers in unusual ways', () => {
  const link = (seq: number, pid: number, index: number, flags = 2) =>
    encodeMessage(LINK, { type: RTM_NEWLINK, seq, pid, flags }, { index }, {});

  test('an interrupted dump says so', () => {
    const client = new NlClient(
      kernelOf(({ seq }) => [link(seq, 9, 1), link(seq, 9, 2, 2 | NLM_F_DUMP_INTR), encodeDone(seq, 9)]),
    );
    expect(client.dump(LINK, RTM_GETLINK, {}, {})).toMatchObject({ interrupted: true, messages: [{}, {}] });
  });

  test('a dump that fails midway throws', () => {
    const client = new NlClient(kernelOf(({ seq }) => [link(seq, 9, 1), encodeDone(seq, 9, 105)]));
    expect(() => client.dump(LINK, RTM_GETLINK, {}, {})).toThrow('ENOBUFS');
  });

  test('a dump is handed over as it comes: of many messages there is one datagram at a time', () => {
    const client = new NlClient(longDump(1000, 8));
    const live = (client.transport as ReturnType<typeof longDump>).live;
    const indices: number[] = [];
    const interrupted = client.dumpEach(LINK, RTM_GETLINK, {}, {}, (m) => {
      indices.push(m.header.index);
      live.now--;
    });
    expect(interrupted).toBe(false);
    expect(indices).toEqual(Array.from({ length: 8000 }, (_, i) => i + 1));
    expect(live).toEqual({ now: 0, most: 8 });
  });

  test('an interrupted one says so, though it was handed over; one whose taker fails is read to its end', () => {
    const broken = new NlClient(kernelOf(({ seq }) => [link(seq, 9, 1, 2 | NLM_F_DUMP_INTR), encodeDone(seq, 9)]));
    expect(broken.dumpEach(LINK, RTM_GETLINK, {}, {}, () => {})).toBe(true);
    const client = new NlClient(kernelOf(({ seq }) => [link(seq, 9, 1), link(seq, 9, 2), encodeDone(seq, 9)]));
    const heard: NlMessage[] = [];
    client.onNotification = (msg) => heard.push(msg);
    let taken = 0;
    const fail = () => {
      taken++;
      throw new Error('no room');
    };
    expect(() => client.dumpEach(LINK, RTM_GETLINK, {}, {}, fail)).toThrow('no room');
    expect([taken, client.transport.recv(), heard]).toEqual([1, null, []]);
    expect(client.dump(LINK, RTM_GETLINK, {}, {}).messages).toHaveLength(2);
  });

  test('notifications between answers reach the listener, and so do those that poll() finds', () => {
    const client = new NlClient(kernelOf((msg) => [link(0, 0, 7, 0), encodeAck(msg, 0, {}, 9), link(0, 0, 8, 0)]));
    const heard: number[] = [];
    client.onNotification = (msg) => heard.push(decodeMessage(LINK, msg).header.index);
    client.request(LINK, RTM_NEWLINK, 0, { index: 1 }, {});
    expect(heard).toEqual([7]);
    client.poll();
    expect(heard).toEqual([7, 8]);
  });

  test('a batch: each is granted or refused on its own, in one datagram or several', () => {
    const refuseOdd = (msg: NlMessage) => encodeAck(msg, msg.seq % 2 === 0 ? 0 : 17, {}, 9);
    const requests = [1, 2, 3].map(
      (index): Request<unknown, unknown> => ({
        form: LINK as Request<unknown, unknown>['form'],
        type: RTM_NEWLINK,
        header: { index },
        attrs: {},
      }),
    );
    const client = new NlClient(kernelOf((msg) => [refuseOdd(msg)]));
    expect(client.batch(requests).map((refusal) => refusal?.code ?? null)).toEqual(['EEXIST', null, 'EEXIST']);
  });

  test('silence is a broken kernel', () => {
    expect(() => new NlClient(kernelOf(() => [])).request(LINK, RTM_NEWLINK, 0, {}, {})).toThrow('without an answer');
  });
});

test('who is named in notifications: nobody for links, the asker for addresses, routes and (without seq) neighbours', () => {
  const told = exchange(capture('notifications'), 'the life of a macvlan').answers.flatMap(parseMessages);
  const lines = told.map((msg) => {
    const family = { 0: '', 2: ' inet', 10: ' inet6' }[msg.bytes[msg.at]];
    return `${RTM_NAMES.get(msg.type)}${family}${msg.pid === 0 ? '' : ' pid'}${msg.seq === 0 ? '' : ' seq'}`;
  });
  expect(lines).toEqual([
    'RTM_NEWLINK', // the lowerdev, whose promiscuity or filters changed
    'RTM_NEWLINK', // created
    'RTM_NEWLINK', // up
    'RTM_NEWROUTE inet6',
    'RTM_NEWROUTE inet6',
    'RTM_NEWADDR inet pid seq',
    'RTM_NEWROUTE inet',
    'RTM_NEWROUTE inet',
    'RTM_NEWROUTE inet',
    'RTM_NEWNEIGH inet pid',
    'RTM_NEWROUTE inet pid seq',
    'RTM_NEWLINK', // another mode
    'RTM_NEWLINK', // down, before it leaves for another namespace
    'RTM_DELNEIGH inet',
    'RTM_DELROUTE inet6',
    'RTM_DELROUTE inet6',
    'RTM_DELADDR inet6',
    'RTM_DELADDR inet',
    'RTM_DELROUTE inet',
    'RTM_DELLINK', // gone from here
    'RTM_NEWLINK', // the lowerdev
  ]);
});

test('what a client changes itself reaches its listener too', () => {
  const heard: number[] = [];
  const client = new NlClient(
    kernelOf((msg) => [
      encodeMessage(ADDR, { type: RTM_NEWADDR, seq: msg.seq, pid: 9 }, { index: 3 }, {}),
      encodeAck(msg, 0, {}, 9),
    ]),
  );
  client.onNotification = (msg) => heard.push(decodeMessage(ADDR, msg).header.index);
  client.request(ADDR, RTM_NEWADDR, NLM_F_CREATE, { index: 3 }, {});
  expect(heard).toEqual([3]);
});
