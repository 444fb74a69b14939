// Text and bytes. Inside the shell, data on a pipe or in a file is a string whose characters are bytes (as in
// just-bash); commands write and read text. ASCII, which is nearly everything, passes through unchanged.

import { utf8Decode, utf8Encode } from '../../base/utf8.ts';

const ascii = /^[\x00-\x7f]*$/;

/** Text to a string of bytes. */
export function toBytes(text: string): string {
  return ascii.test(text) ? text : fromArray(utf8Encode(text));
}

/** A string of bytes to text. */
export function toText(bytes: string): string {
  return ascii.test(bytes) ? bytes : utf8Decode(toArray(bytes));
}

export function toArray(bytes: string): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) out[i] = bytes.charCodeAt(i);
  return out;
}

export function fromArray(data: Uint8Array): string {
  let s = '';
  for (let i = 0; i < data.length; i += 0x2000) s += String.fromCharCode(...data.subarray(i, i + 0x2000));
  return s;
}
