// lowerdev snapshot: takes one and writes it. Exit codes: 0 written, 2 bad input, 4 not allowed.

import { writeFileSync } from 'node:fs';
import type { Snapshot } from '../../lab/snapshot/snapshot.ts';
import { answering } from '../lab-change.ts';
import { looking } from '../look.ts';
import { reason } from '../open-model.ts';
import { Usage } from '../usage.ts';

export interface SnapshotOptions {
  output?: string;
  json?: boolean;
  engine?: string;
  lab?: string;
  seed: string;
}

export function snapshot(options: SnapshotOptions): Promise<number> {
  return answering(options, () =>
    looking({ engine: options.engine, lab: options.lab, seed: options.seed }, async (look) => {
      const taken = look.read();
      const text = options.json === true ? JSON.stringify(taken) : documentOf(taken);
      write(`${text}\n`, options.output);
      if (options.output !== undefined) process.stderr.write(`${summary(taken, options.output)}\n`);
      for (const line of taken.unseen) process.stderr.write(`lowerdev: not seen: ${line}\n`);
      return 0;
    }),
  );
}

function write(text: string, file: string | undefined): void {
  if (file === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(file, text, { mode: 0o600 });
  } catch (error) {
    throw new Usage(`${file}: ${reason(error)}`);
  }
}

/** One entry of a list a line: long enough for people to find things, short enough for thousands. */
function documentOf(taken: Snapshot): string {
  const { namespaces, ...rest } = taken;
  const spaces = namespaces.map((ns) => {
    const fields = Object.entries(ns).map(([key, value]) => `      ${JSON.stringify(key)}: ${listText(value)}`);
    return `    {\n${fields.join(',\n')}\n    }`;
  });
  const head = JSON.stringify(rest, null, 2).replace(/\n\}$/, '');
  return `${head},\n  "namespaces": [\n${spaces.join(',\n')}\n  ]\n}`;
}

function listText(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return JSON.stringify(value);
  return `[\n${value.map((item) => `        ${JSON.stringify(item)}`).join(',\n')}\n      ]`;
}

function summary({ namespaces }: Snapshot, file: string): string {
  const links = namespaces.reduce((n, ns) => n + ns.links.length, 0);
  return `${file}: ${namespaces.length} ${namespaces.length === 1 ? 'namespace' : 'namespaces'}, ${links} links`;
}
