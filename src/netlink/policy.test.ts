// The kernel's own refusals, asked of validate(): same errno, same words, same place, same policy told.
import { describe, expect, test } from 'vitest';
import { answersTo, bytesOf, capture, exchange } from '../../test/netlink-captures.ts';
import { attrs, nested, s32, string, u8, u32 } from '../uapi/attr.ts';
import { IFLA } from '../uapi/link.ts';
import { IFLA_MACVLAN, LINKINFO } from '../uapi/linkinfo.ts';
import { encode, sourceOf } from './attrs.ts';
import { NlError } from './error.ts';
import { ETHTOOL } from './genl.ts';
import { attrsAt, decodeAnswer, type NlMessage, type Payload, parseMessages } from './message.ts';
import { ADDR, LINK, ROUTE } from './payload.ts';
import { attrOffset, refuseInvalid, type Strictness, validate } from './policy.ts';

function refusal(ask: () => void): { errno: number; extack: object } | null {
  try {
    ask();
    return null;
  } catch (error) {
    if (!(error instanceof NlError)) throw error;
    return { errno: error.errno, extack: error.extack };
  }
}

/** As rtnetlink does it: the link's table, then what is nested, each by its own policy. */
function refuseLink(msg: NlMessage): void {
  refuseInvalid(IFLA, msg, attrsAt(LINK, msg), { deep: false });
  for (const [table, path] of [
    [LINKINFO, [18]],
    [IFLA_MACVLAN, [18, 2]],
  ] as const) {
    const at = attrOffset(msg, attrsAt(LINK, msg), msg.end, path);
    if (at === undefined) continue;
    const end = at + msg.view.getUint16(at, true);
    refuseInvalid(table, { ...msg, end }, at + 4, { deep: false });
  }
}

function refuseWhole<H, A>(form: Payload<H, A>, how: Strictness): (msg: NlMessage) => void {
  return (msg) => refuseInvalid(form.table, msg, attrsAt(form, msg), how);
}

const STRICT = refuseWhole(ETHTOOL.features, { strict: true });

describe('refused as the kernel refuses', () => {
  test.each([
    ['errors', 'address too long', refuseLink],
    ['errors', 'name too long', refuseLink],
    ['errors', 'a short number', refuseLink],
    ['errors', 'a rejected attribute', refuseLink],
    ['errors', 'a rejected link attribute', refuseLink],
    ['errors', 'a number out of range', refuseLink],
    ['errors', 'address without length', refuseWhole(ADDR, {})],
    ['errors', 'gateway of the wrong length', refuseWhole(ROUTE, {})],
    ['ethtool', 'features, header without bit', STRICT],
    ['ethtool', 'features, unknown flag', STRICT],
    ['ethtool', 'features, unknown attribute', STRICT],
  ] as const)('%s: %s', (name, what, ask) => {
    const golden = capture(name);
    const [msg] = parseMessages(exchange(golden, what).request);
    expect(refusal(() => ask(msg))).toEqual(decodeAnswer(answersTo(golden, what)[0]));
  });

  test('what the kernel did not refuse for its form passes', () => {
    for (const what of ['unknown kind', 'mtu too small', 'mode unknown', 'no such device', 'unknown netns id']) {
      const [msg] = parseMessages(exchange(capture('errors'), what).request);
      expect(
        refusal(() => refuseLink(msg)),
        what,
      ).toBeNull();
    }
  });
});

describe('lenient and strict', () => {
  const INNER = attrs('INNER', { level: [1, u8, { range: [1, 9] }] });
  const OUTER = attrs('OUTER', {
    count: [1, u32],
    name: [2, string, { nul: true, max: 3 }],
    inner: [3, nested(INNER)],
    by: [4, s32],
  });

  test.each([
    ['an unknown type', '0800 6300 00000000', 'Unknown attribute type'],
    ['a long number', '0c00 0100 00000000 00000000', 'invalid attribute length'],
    ['leftover bytes', '0800 0100 00000000 0000', 'bytes leftover after parsing attributes'],
    ['a length that leaves its container', '0900 0100 00000000', 'bytes leftover after parsing attributes'],
    ['a nest without its bit', '0400 0300', 'NLA_F_NESTED is missing'],
    ['a number with the bit of a nest', '0800 0180 00000000', 'NLA_F_NESTED not expected'],
  ])('%s', (_, bytes, text) => {
    expect(validate(OUTER, bytesOf(bytes))).toBeNull();
    expect(validate(OUTER, bytesOf(bytes), 0, undefined, { strict: true })).toMatchObject({ errno: 'EINVAL', text });
  });

  test.each([
    ['a short number', '0600 0100 0000 0000', 'ERANGE'],
    ['text without its NUL', '0600 0200 6162 0000', 'EINVAL'],
    ['text too long', '0900 0200 6162636400 000000', 'EINVAL'],
    ['empty text', '0400 0200', 'EINVAL'],
    ['a nest of two bytes', '0600 0380 0000 0000', 'ERANGE'],
    ['a number out of range, inside', '0c00 0380 0500 0100 0a000000', 'ERANGE'],
  ])('%s is refused by both', (_, bytes, errno) => {
    expect(validate(OUTER, bytesOf(bytes))).toMatchObject({ errno });
  });

  test('nests are left alone when another layer reads them', () => {
    expect(validate(OUTER, bytesOf('0c00 0380 0500 0100 0a000000'), 0, undefined, { deep: false })).toBeNull();
  });

  test('where an attribute is, by its path', () => {
    const bytes = encode(OUTER, { count: 1, inner: { level: 5 } });
    expect(attrOffset(sourceOf(bytes), 0, bytes.length, [3, 1])).toBe(12);
    expect(attrOffset(sourceOf(bytes), 0, bytes.length, [3, 2])).toBeUndefined();
  });
});
