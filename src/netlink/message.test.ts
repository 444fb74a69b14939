import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answersTo, bytesOf, type CapturedExchange, capture, exchange, hex } from '../../test/netlink-captures.ts';
import { MACVLAN_MODE_BRIDGE } from '../uapi/linkinfo.ts';
import { RTM_NEWLINK } from '../uapi/msgtype.ts';
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from '../uapi/netlink.ts';
import { NlError, NlFormatError } from './error.ts';
import {
  decodeAnswer,
  decodeMessage,
  encodeAck,
  encodeDone,
  encodeMessage,
  messages,
  parseMessages,
  writeMessage,
} from './message.ts';
import { formOf, LINK } from './payload.ts';
import { Writer } from './writer.ts';

describe('a request', () => {
  const flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
  const request = encodeMessage(
    LINK,
    { type: RTM_NEWLINK, flags, seq: 7 },
    {},
    {
      link: 3,
      ifname: 'mv0',
      linkinfo: { kind: 'macvlan', data: { mode: MACVLAN_MODE_BRIDGE } },
    },
  );

  test('to add a macvlan, byte by byte', () => {
    expect(hex(request)).toBe(
      hex(
        bytesOf(`
          4c000000 1000 0506 07000000 00000000
          00 00 0000 00000000 00000000 00000000
          0800 0500 03000000
          0800 0300 6d763000
          1c00 1200
            0c00 0100 6d6163766c616e00
            0c00 0200  0800 0100 04000000
        `),
      ),
    );
  });

  test('comes back as it was', () => {
    const [msg] = parseMessages(request);
    const { header, attrs } = decodeMessage(LINK, msg);
    expect(header).toEqual({ family: 0, type: 0, index: 0, flags: 0, change: 0 });
    expect(attrs).toEqual({ link: 3, ifname: 'mv0', linkinfo: { kind: 'macvlan', data: { mode: 4 } } });
  });

  test('several share a datagram', () => {
    const w = new Writer(16);
    for (const seq of [1, 2, 3])
      writeMessage(w, LINK, { type: RTM_NEWLINK, seq }, { index: seq }, { ifname: 'x'.repeat(seq) });
    expect(parseMessages(w.take()).map((msg) => decodeMessage(LINK, msg).attrs.ifname)).toEqual(['x', 'xx', 'xxx']);
  });
});

describe('acknowledgements are what the kernel sends', () => {
  const options = { errors: { extAck: true, capAck: true }, uncapped: { extAck: true, capAck: false } };
  for (const name of ['errors', 'uncapped'] as const) {
    test.each(capture(name).exchanges.map((e) => [e.what, e] as const))(`${name}: %s`, (_, { request, answers }) => {
      const [answer] = parseMessages(answers[0]);
      const { errno, extack } = decodeAnswer(answer);
      const [msg] = parseMessages(request);
      expect(hex(encodeAck(msg, errno, extack, answer.pid, options[name]))).toBe(hex(answers[0]));
    });
  }

  test('words and places', () => {
    const said = (what: string) => decodeAnswer(answersTo(capture('errors'), what)[0]);
    expect(said('an acknowledgement')).toEqual({ errno: 0, extack: {} });
    expect(said('unknown kind')).toEqual({ errno: 95, extack: { text: 'Unknown device type' } });
    expect(said('address too long')).toMatchObject({
      errno: 34,
      extack: { text: 'Attribute failed policy validation', offset: 76 },
    });
    const missing = answersTo(capture('ethtool'), 'features without header');
    expect(decodeAnswer(missing[0])).toEqual({ errno: 22, extack: { missType: 1 } });
  });

  test('without NETLINK_EXT_ACK there are no words', () => {
    const [msg] = parseMessages(exchange(capture('errors'), 'unknown kind').request);
    const [bare] = parseMessages(
      encodeAck(msg, 95, { text: 'Unknown device type' }, 1, { extAck: false, capAck: true }),
    );
    expect(decodeAnswer(bare)).toEqual({ errno: 95, extack: {} });
  });

  test('the end of a dump', () => {
    const dumps = ['links', 'addrs', 'routes', 'neighs', 'qdiscs'] as const;
    for (const done of dumps.flatMap((name) => capture(name).exchanges.flatMap(doneOf))) {
      expect(hex(encodeDone(done.seq, done.pid))).toBe(hex(done.bytes.slice(done.at - 16, done.end)));
    }
  });
});

function doneOf({ answers }: CapturedExchange) {
  return answers.flatMap(parseMessages).filter((msg) => msg.type === NLMSG_DONE);
}

test('a refusal says what it is', () => {
  const refusal = new NlError('EINVAL', 'passthru wants the lowerdev to itself', [18, 2, 1]);
  expect([refusal.errno, refusal.code, refusal.extack.text]).toEqual([
    22,
    'EINVAL',
    'passthru wants the lowerdev to itself',
  ]);
  expect(new NlError(524).message).toBe('ENOTSUPP (Unknown error 524)');
  expect(new NlError(9999).code).toBe('E9999');
});

describe('bytes that are no netlink', () => {
  test('messages before the bad one stand', () => {
    const good = encodeMessage(LINK, { type: RTM_NEWLINK }, { index: 1 }, {});
    const seen: number[] = [];
    expect(() => {
      for (const msg of messages(Uint8Array.of(...good, 1, 2, 3))) seen.push(msg.type);
    }).toThrow(NlFormatError);
    expect(seen).toEqual([RTM_NEWLINK]);
  });

  test.each([
    ['a length less than the header', '0f000000 1000 0000 00000000 00000000'],
    ['a length past the datagram', '11000000 1000 0000 00000000 00000000'],
    ['half a header', '10000000 1000'],
  ])('%s', (_, text) => {
    expect(() => parseMessages(bytesOf(text))).toThrow(NlFormatError);
  });

  test('random and mutated bytes never bring more than NlFormatError', () => {
    const real = (['links', 'routes', 'bridges', 'errors', 'notifications'] as const).flatMap((name) =>
      capture(name).exchanges.flatMap((e) => [...e.answers]),
    );
    const mutated = fc
      .tuple(fc.constantFrom(...real), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }))
      .map(([datagram, changes]) => {
        const copy = datagram.slice();
        for (const [at, byte] of changes) copy[at % copy.length] = byte;
        return copy;
      });
    fc.assert(fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), readsOrRefuses), { numRuns: 2000 });
  });
});

/** Reads whatever it can, and writes again what was read. */
function readsOrRefuses(datagram: Uint8Array): void {
  try {
    for (const msg of messages(datagram)) {
      if (msg.type === NLMSG_ERROR || msg.type === NLMSG_DONE) decodeAnswer(msg);
      const form = formOf(msg);
      if (form === null) continue;
      const decoded = decodeMessage(form, msg);
      const again = encodeMessage(form, msg, decoded.header as object, decoded.attrs);
      expect(decodeMessage(form, parseMessages(again)[0]).attrs).toEqual(decoded.attrs);
    }
  } catch (error) {
    if (!(error instanceof NlFormatError)) throw error;
  }
}
