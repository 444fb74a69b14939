// Dumps under a kernel that is interrupted: asked again, as often as it takes, and given up in the end.

import { describe, expect, test } from 'vitest';
import { NlClient } from '../../netlink/client.ts';
import { encodeDone, encodeMessage, parseMessages } from '../../netlink/message.ts';
import { ADDR, LINK, ROUTE } from '../../netlink/payload.ts';
import type { NlTransport } from '../../netlink/transport.ts';
import { RTM_GETADDR, RTM_GETLINK, RTM_NEWADDR, RTM_NEWLINK, RTM_NEWROUTE } from '../../uapi/msgtype.ts';
import { NLM_F_DUMP_INTR, NLM_F_MULTI } from '../../uapi/netlink.ts';
import { briefLinks, dumpAddresses, dumpLinks, dumpRoutes, eachAddress, eachLink, eachStaticRoute } from './dump.ts';

/** Interrupts the first `times` dumps: a device is missing from them; `how`: on a message, or only where the dump ends. */
function kernel(times: number, how: 'message' | 'end'): { transport: NlTransport; asked: () => number } {
  const waiting: Uint8Array[] = [];
  let asked = 0;
  const send = (datagram: Uint8Array): void => {
    for (const { type, seq, bytes, at } of parseMessages(datagram)) {
      const broken = asked++ < times;
      const flags = NLM_F_MULTI | (broken && how === 'message' ? NLM_F_DUMP_INTR : 0);
      for (const index of broken ? [1, 3] : [1, 2, 3])
        waiting.push(answer(type, { seq, pid: 9, flags }, index, bytes[at]));
      const done = encodeDone(seq, 9);
      if (broken && how === 'end')
        new DataView(done.buffer, done.byteOffset).setUint16(6, NLM_F_MULTI | NLM_F_DUMP_INTR, true);
      waiting.push(done);
    }
  };
  const transport: NlTransport = {
    ...{ portId: 9, onReadable: null, send, recv: () => waiting.shift() ?? null, join: () => {}, close: () => {} },
  };
  return { transport, asked: () => asked };
}

function answer(
  type: number,
  head: { seq: number; pid: number; flags: number },
  index: number,
  family: number,
): Uint8Array {
  if (type === RTM_GETLINK)
    return encodeMessage(LINK, { type: RTM_NEWLINK, ...head }, { index }, { ifname: `d${index}` });
  if (type === RTM_GETADDR) return encodeMessage(ADDR, { type: RTM_NEWADDR, ...head }, { index, family: 2 }, {});
  return encodeMessage(ROUTE, { type: RTM_NEWROUTE, ...head }, { family }, { oif: index });
}

const DUMPS: [string, (client: NlClient) => unknown[], number][] = [
  ['links', dumpLinks, 1],
  ['links in brief', briefLinks, 1],
  ['addresses', dumpAddresses, 1],
  ['links one by one', (client) => eachLink(client, (m) => m.attrs.ifname), 1],
  ['addresses one by one', (client) => eachAddress(client, (m) => m.header.index), 1],
  ['routes', dumpRoutes, 2],
  ['static routes one by one', (client) => eachStaticRoute(client, (m) => m.attrs.oif ?? null), 2],
];

test('what is read one by one is turned into what is wanted before more is received', () => {
  const { transport } = kernel(1, 'end');
  const log: string[] = [];
  const told = { ...transport, recv: () => (log.push('received'), transport.recv()) };
  const names = eachLink(new NlClient(told), (m) => {
    log.push('made');
    return m.attrs.ifname;
  });
  expect(names).toEqual(['d1', 'd2', 'd3']);
  const one = (n: number): string[] => Array.from({ length: n }, () => ['received', 'made']).flat();
  expect(log).toEqual([...one(2), 'received', ...one(3), 'received']);
});

describe.each(['message', 'end'] as const)('interrupted, said on a %s', (how) => {
  test.each(DUMPS)('%s are asked for again, and whole then', (_name, dump, families) => {
    const { transport, asked } = kernel(3, how);
    expect(dump(new NlClient(transport))).toHaveLength(3 * families);
    expect(asked()).toBe(3 + families);
  });

  test('a machine that never rests is told', () => {
    const { transport, asked } = kernel(1000, how);
    expect(() => dumpLinks(new NlClient(transport))).toThrow('20 times in a row');
    expect(asked()).toBe(20);
  });
});
