// How iproute2's tools complain: about the command line (exit 255 or 1) and about what the kernel refused (exit 2).
// iproute2: lib/utils.c, lib/libnetlink.c.

import type { NlError } from '../../../netlink/error.ts';
import { strerror } from '../../../uapi/errno.ts';

/** Ends a command: text for stderr and the exit code. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
  readonly text: string;
  readonly code: number;
  /** The tool calls exit() here, so that it ends a batch too. */
  readonly exits: boolean;

  constructor(text: string, code: number, exits = code === 255) {
    super(text);
    this.text = text;
    this.code = code;
    this.exits = exits;
  }
}

/** "argument X is wrong". Linux tool: invarg(). */
export function invarg(what: string, arg: string): never {
  throw new ToolError(`Error: argument "${arg}" is wrong: ${what}\n`, 255);
}

export function missarg(key: string): never {
  throw new ToolError(`Error: argument "${key}" is required\n`, 255);
}

export function duparg(key: string, arg: string): never {
  throw new ToolError(`Error: duplicate "${key}": "${arg}" is the second value.\n`, 255);
}

export function duparg2(key: string, arg: string): never {
  throw new ToolError(`Error: either "${key}" is duplicate, or "${arg}" is a garbage.\n`, 255);
}

export function incomplete(): never {
  throw new ToolError('Command line is not complete. Try option "help"\n', 255);
}

/** nodev(): the name is unknown. */
export function noDevice(name: string): never {
  throw new ToolError(`Cannot find device "${name}"\n`, 1);
}

/** parse_one_of() refuses with -EINVAL, which becomes the exit code of `bridge`, and turned round that of `ip`. */
export function notOneOf(key: string, choices: readonly string[], value: string, code: number): never {
  const list = choices.map((c) => `"${c}"`).join(', ');
  throw new ToolError(`Error: argument of "${key}" must be one of ${list}, not "${value}"\n`, code);
}

/** The kernel's refusal in the words of rtnl_talk(): extack's if there are any. */
export function refusalText(e: NlError): string {
  const words = e.extack.text;
  if (words !== undefined && words !== '') return `Error: ${words}${words.endsWith('.') ? '' : '.'}\n`;
  return `RTNETLINK answers: ${strerror(e.errno)}\n`;
}
