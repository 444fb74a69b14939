// What a verb reads as a whole: a file, or standard input, which can be read once and may be somebody else's non-blocking pipe.

import { readFileSync, readSync } from 'node:fs';

/** As /dev/stdin it cannot be opened where it is a socket. */
export function isStdin(file: string): boolean {
  return /^(-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/.test(file);
}

/** Throws the system's error. */
export function readInput(file: string): string {
  return isStdin(file) ? readStdin() : readFileSync(file, 'utf8');
}

const NAP_MS = 10;

function readStdin(): string {
  const parts: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(1 << 16);
  for (;;) {
    const length = readSome(buffer);
    if (length === 0) return Buffer.concat(parts).toString('utf8');
    if (length > 0) parts.push(Buffer.from(buffer.subarray(0, length)));
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP_MS);
  }
}

/** How much there was; 0: the end; -1: nothing yet. */
function readSome(buffer: Buffer): number {
  try {
    return readSync(0, buffer);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EAGAIN') return -1;
    if (code === 'EOF') return 0; // Windows says the end of a pipe so
    throw error;
  }
}
