// Bytes as hexadecimal and ASCII: -x, -X, -A, and packets that nobody can decode. tcpdump: print-ascii.c.

import { hex, type Printer } from './printer.ts';

const isGraphic = (c: number): boolean => c > 0x20 && c < 0x7f;

/** -x: sixteen bytes a line. */
export function hexLines(b: Uint8Array, from: number, to: number, lead: string): string {
  let s = '';
  for (let at = from; at < to; at += 16) s += `${lead}0x${hex(at - from, 4)}: ${words(b, at, Math.min(to, at + 16))}`;
  return s;
}

/** -X: the same with ASCII beside it. */
export function hexAsciiLines(b: Uint8Array, from: number, to: number, lead: string): string {
  let s = '';
  for (let at = from; at < to; at += 16) {
    const end = Math.min(to, at + 16);
    let ascii = '';
    for (let i = at; i < end; i++) ascii += isGraphic(b[i]) ? String.fromCharCode(b[i]) : '.';
    s += `${lead}0x${hex(at - from, 4)}: ${words(b, at, end).padEnd(40)}  ${ascii}`;
  }
  return s;
}

/** `fe12 34..`, two bytes a word, each with a space before it. */
function words(b: Uint8Array, from: number, to: number): string {
  let s = '';
  for (let i = from; i < to; i++) s += ((i - from) % 2 === 0 ? ' ' : '') + hex(b[i], 2);
  return s;
}

/** -A: text, control characters as dots. */
export function asciiText(b: Uint8Array, from: number, to: number): string {
  let s = '\n';
  for (let i = from; i < to; i++) {
    const c = b[i];
    if (c === 0x0d) {
      // Carriage returns that end a line go with their line feed.
      if (i + 1 < to && b[i + 1] !== 0x0a) s += '.';
    } else s += isGraphic(c) || c === 0x09 || c === 0x20 || c === 0x0a ? String.fromCharCode(c) : '.';
  }
  return s;
}

/** The default print of what has no printer: everything from `at`, unless an option says no. */
export function putDump(p: Printer, at: number): void {
  if (!p.o.suppressDefault) putDumpAlways(p, at);
}

export function putDumpAlways(p: Printer, at: number): void {
  p.put(hexAsciiLines(p.b, at, p.end, '\n\t'));
}

/** print_unknown_data(): hexadecimal only, of what is there. */
export function putHex(p: Printer, at: number, n: number, lead: string): void {
  p.put(hexLines(p.b, at, Math.min(p.end, at + n), lead));
}
