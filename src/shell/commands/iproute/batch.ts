// -batch FILE: a command a line; the first failure ends it unless -force. iproute2: lib/utils.c, do_batch(), makeargs().

import type { Proc } from '../../process.ts';
import { ToolError } from './errors.ts';

interface Session {
  readonly proc: Proc;
  readonly opts: { readonly force: boolean };
}

export async function runBatch(
  session: Session,
  file: string,
  run: (words: readonly string[]) => Promise<number>,
): Promise<number> {
  const { proc, opts } = session;
  const text = file === '-' ? proc.stdin : await proc.readText(file);
  if (typeof text === 'number') {
    throw new ToolError(`Cannot open file "${file}" for reading: No such file or directory\n`, 1);
  }
  let code = 0;
  for (const [number, line] of joinContinued(text)) {
    const words = splitLine(line);
    if (words.length === 0) continue;
    let rc: number;
    try {
      rc = await run(words);
    } catch (e) {
      if (!(e instanceof ToolError)) throw e;
      proc.err(e.text);
      if (e.exits) return e.code;
      rc = e.code;
    }
    if (rc === 0) continue;
    proc.err(`Command failed ${file}:${number}\n`);
    code = 1;
    if (!opts.force) break;
  }
  return code;
}

/** Lines with their numbers; a backslash at the end joins the next one. */
function joinContinued(text: string): Array<[number, string]> {
  const out: Array<[number, string]> = [];
  const lines = text.split('\n');
  for (let i = 0; i < lines.length; i++) {
    let line = lines[i];
    while (line.endsWith('\\') && i + 1 < lines.length) line = line.slice(0, -1) + lines[++i];
    out.push([i + 1, line]);
  }
  return out;
}

/** Words with quotes; `#` begins a comment. */
function splitLine(line: string): string[] {
  const words: string[] = [];
  const pattern = /"([^"]*)"|'([^']*)'|(#.*)|(\S+)/g;
  for (let m = pattern.exec(line); m !== null; m = pattern.exec(line)) {
    if (m[3] !== undefined) break;
    words.push(m[1] ?? m[2] ?? m[4]);
  }
  return words;
}
