// From a scenario to the script that is run, and from its output back to probes. A scenario's line that ends in
// `#? KIND [note]` is a probe: the script is given an echo before it and one after it, and nothing else is changed.

const probePattern = /^(?<indent>\s*)(?<cmd>.*?\S)\s+#\?\s+(?<kind>[a-z]+)(?:\s+(?<note>.*))?$/;

export const kinds = ['ping', 'err', 'ok', 'text', 'link', 'addr', 'route', 'neigh', 'stats', 'ethtool', 'rc'] as const;
export type Kind = (typeof kinds)[number];

export interface Probe {
  line: number;
  kind: Kind;
  cmd: string;
}

export interface Segment {
  line: number;
  /** Exit code, or null when the script died inside the probe. */
  rc: number | null;
  body: string;
}

/** `split`: the markers also go to stderr, for engines whose two streams are kept apart. */
export function instrument(source: string, split: boolean): { script: string; probes: Map<number, Probe> } {
  const out: string[] = [];
  const probes = new Map<number, Probe>();
  source.split('\n').forEach((text, index) => {
    const line = index + 1;
    const match = probePattern.exec(text);
    if (match?.groups === undefined || text.trimStart().startsWith('#')) {
      out.push(text);
      return;
    }
    const { indent, cmd, kind } = match.groups;
    if (!(kinds as readonly string[]).includes(kind)) throw new Error(`line ${line}: unknown kind of probe "${kind}"`);
    probes.set(line, { line, kind: kind as Kind, cmd });
    out.push(`${indent}echo '@@B ${line}'${split ? `; echo '@@B ${line}' >&2` : ''}`);
    out.push(indent + cmd);
    out.push(
      split
        ? `${indent}__rc=$?; echo "@@E ${line} $__rc"; echo "@@E ${line} $__rc" >&2`
        : `${indent}echo "@@E ${line} $?"`,
    );
  });
  return { script: out.join('\n'), probes };
}

/** Cuts output at the markers. What lies outside of the probes is stray. */
export function segment(text: string): { segments: Segment[]; stray: string } {
  const segments: Segment[] = [];
  let stray = '';
  let current: number | null = null;
  let body = '';
  const keep = (part: string): void => {
    if (current === null) stray += part;
    else body += part;
  };
  for (const line of text.split(/(?<=\n)/)) {
    const begin = /^(.*?)@@B (\d+)\r?\n?$/.exec(line);
    if (begin !== null) {
      keep(begin[1]);
      current = Number(begin[2]);
      body = '';
      continue;
    }
    const end = /^(.*?)@@E (\d+) (\d+)\r?\n?$/.exec(line);
    if (end !== null && current === Number(end[2])) {
      segments.push({ line: current, rc: Number(end[3]), body: body + end[1] });
      current = null;
      body = '';
      continue;
    }
    keep(line);
  }
  if (current !== null) segments.push({ line: current, rc: null, body });
  return { segments, stray };
}
