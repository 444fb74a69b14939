// The two ways in which netlink itself brings bad news: a refused request (NlError: errno and, often, words), and bytes
// that are no netlink (NlFormatError). Broken invariants are assertions, and lost frames never come this way.

import { type ErrnoName, errnoName, errnoNumber, strerror } from '../uapi/errno.ts';
import type { NlPolicy } from '../uapi/netlink.ts';

/** What explains a refusal. Linux: struct netlink_ext_ack. */
export interface ExtAck {
  readonly text?: string;
  /** Where the offending attribute begins, in bytes from the start of the request's nlmsghdr. */
  readonly offset?: number;
  /** The attribute that is missing, and where the nest begins that should hold it (absent: the message itself). */
  readonly missType?: number;
  readonly missNest?: number;
  /** The policy that the attribute failed. */
  readonly policy?: NlPolicy;
}

/** A request refused with an errno. Thrown by whoever refuses in the model, and by the client for any kernel. */
export class NlError extends Error {
  override readonly name = 'NlError';
  /** 'EINVAL'; for a number that has no name, 'E' and the number. */
  readonly code: string;
  /** Positive: 22 for EINVAL. */
  readonly errno: number;
  readonly extack: ExtAck;
  /** The path of attribute types to the offending one, when the thrower knows names and not offsets. */
  readonly path: readonly number[];

  constructor(errno: ErrnoName | number, extack: ExtAck | string = {}, path: readonly number[] = []) {
    const ack = typeof extack === 'string' ? { text: extack } : extack;
    const number = typeof errno === 'string' ? errnoNumber(errno) : errno;
    const code = errnoName(number) ?? `E${number}`;
    super(ack.text === undefined ? `${code} (${strerror(number)})` : `${code} (${strerror(number)}): ${ack.text}`);
    this.code = code;
    this.errno = number;
    this.extack = ack;
    this.path = path;
  }
}

/** Bytes that are no netlink: cut short, or a length that leaves its container. */
export class NlFormatError extends Error {
  override readonly name = 'NlFormatError';
  readonly at: number;

  constructor(what: string, at: number) {
    super(`${what} (at byte ${at})`);
    this.at = at;
  }
}
