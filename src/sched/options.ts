// TCA_OPTIONS of a qdisc, a filter or an action: checked by their table's policies, then read.
// Linux: nla_parse_nested_deprecated().

import { Refusal } from '../net/linkops.ts';
import { decode } from '../netlink/attrs.ts';
import { validate } from '../netlink/policy.ts';
import type { AttrTable } from '../uapi/attr.ts';

const EINVAL = 22;
const ERANGE = 34;

export function readOptions<R>(table: AttrTable<R>, options: Uint8Array): R {
  const refusal = validate(table, options);
  if (refusal !== null) throw new Refusal(refusal.errno === 'ERANGE' ? ERANGE : EINVAL, refusal.text);
  return decode(table, wholeAttributes(options));
}

/** Bytes after the last whole attribute are nobody's. */
function wholeAttributes(b: Uint8Array): Uint8Array {
  let at = 0;
  while (at + 4 <= b.length) {
    const length = b[at] | (b[at + 1] << 8);
    if (length < 4 || at + length > b.length) break;
    at += (length + 3) & ~3;
  }
  return at >= b.length ? b : b.subarray(0, at);
}
