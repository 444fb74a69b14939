// Bad usage: said in one line, exit code 2. How bad news is told, and how option values are read.

import { printable } from '../base/printable.ts';

export class Usage extends Error {
  override readonly name = 'Usage';
  readonly exitCode: number;
  /** What --json asks for has been printed. */
  readonly documented: boolean;

  constructor(message: string, exitCode = 2, documented = false) {
    super(message);
    this.exitCode = exitCode;
    this.documented = documented;
  }
}

/** On standard error; `json`: as a document on standard output, too. */
export function badNews(message: string, exitCode: number, json: boolean): void {
  process.stderr.write(`lowerdev: ${printable(message)}\n`);
  if (json) process.stdout.write(errorDocument(message, exitCode));
}

export function errorDocument(message: string, exitCode: number): string {
  return `${JSON.stringify({ error: { message, exitCode } }, null, 2)}\n`;
}

/** A whole number from `least` to `most`. */
export function wholeNumber(option: string, text: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new Usage(`${option} wants a whole number, not '${text}'`);
  if (value < least) throw new Usage(`${option} wants ${least} or more, not ${text}`);
  if (value > most) throw new Usage(`${option} wants ${most} at most, not ${text}`);
  return value;
}

/** NAME=VALUE, any number of them. */
export function variables(pairs: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (const pair of pairs) {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(pair);
    if (match === null) {
      throw new Usage(`--set wants NAME=VALUE with a name of letters, digits and underscores, not '${pair}'`);
    }
    map.set(match[1], match[2]);
  }
  return map;
}

/** For an option that may be repeated. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
