// Pairs of parties in few words, so that a matrix of many stays readable: `blue, green -> far`, `all of lan among themselves`.

/** A name for a set of parties: a network's endpoints, the machine's peers. */
export interface NamedSet {
  readonly name: string;
  readonly members: readonly string[];
}

/** How many names are listed before the rest is counted. */
const LISTED = 6;

/** And how many blocks of pairs. */
const MOST_BLOCKS = 24;

type Edges = Map<string, Set<string>>;

/** Every pair once; `sets` in the order in which they are tried. */
export function pairsText(
  pairs: ReadonlyArray<readonly [from: string, to: string]>,
  sets: readonly NamedSet[],
): string {
  const all = edgesOf(pairs);
  const parts: string[] = [];
  const clique = largestClique(all);
  if (clique.length > 2) {
    parts.push(`${namesText(clique, sets)} among themselves`);
    for (const a of clique) for (const b of clique) all.get(a)?.delete(b);
  }
  const mutual = edgesOf(
    [...all].flatMap(([a, tos]) => [...tos].filter((b) => all.get(b)?.has(a)).map((b) => [a, b] as const)),
  );
  for (const [froms, tos] of blocks(mutual, true)) {
    parts.push(`${namesText(froms, sets)} <-> ${namesText(tos, sets)}`);
    for (const a of froms) for (const b of tos) cut(all, a, b);
  }
  for (const [froms, tos] of blocks(all, false)) {
    parts.push(`${namesText(froms, sets)} -> ${namesText(tos, sets)}`);
    for (const a of froms) for (const b of tos) all.get(a)?.delete(b);
  }
  const left = [...all.values()].reduce((n, tos) => n + tos.size, 0);
  if (left > 0) parts.push(`and ${left} more pairs`);
  return parts.join('; ');
}

function edgesOf(pairs: ReadonlyArray<readonly [string, string]>): Edges {
  const edges: Edges = new Map();
  for (const [from, to] of pairs) edges.set(from, (edges.get(from) ?? new Set()).add(to));
  return edges;
}

function cut(edges: Edges, a: string, b: string): void {
  edges.get(a)?.delete(b);
  edges.get(b)?.delete(a);
}

/** All edges as "each of these to each of those", the largest block first. `mutual`: an edge and its mirror are one. */
function blocks(given: Edges, mutual: boolean): Array<[froms: string[], tos: string[]]> {
  const edges: Edges = new Map([...given].map(([from, tos]) => [from, new Set(tos)]));
  const found: Array<[string[], string[]]> = [];
  while (found.length < MOST_BLOCKS) {
    const rows = new Map<string, string[]>();
    for (const [from, tos] of edges) {
      if (tos.size > 0) rows.set([...tos].join('\n'), [...(rows.get([...tos].join('\n')) ?? []), from]);
    }
    let best: [string[], string[]] | null = null;
    for (const [key, froms] of rows) {
      const tos = key.split('\n');
      if (best === null || froms.length * tos.length > best[0].length * best[1].length) best = [froms, tos];
    }
    if (best === null) break;
    found.push(best);
    for (const a of best[0]) {
      for (const b of best[1]) {
        edges.get(a)?.delete(b);
        if (mutual) edges.get(b)?.delete(a);
      }
    }
  }
  return found;
}

/** Parties that each reach all others of the set: those with the same row, themselves counted in. */
function largestClique(out: Edges): string[] {
  const rows = new Map<string, string[]>();
  for (const [from, targets] of out) {
    const key = [...targets, from].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('\n');
    rows.set(key, [...(rows.get(key) ?? []), from]);
  }
  let best: string[] = [];
  for (const names of rows.values()) {
    const whole = names.every((a) => names.every((b) => a === b || out.get(a)?.has(b)));
    if (whole && names.length > best.length) best = names;
  }
  return best;
}

export function namesText(names: readonly string[], sets: readonly NamedSet[]): string {
  const left = new Set(names);
  const parts: string[] = [];
  for (const set of sets) {
    if (set.members.length < 3 || !set.members.every((m) => left.has(m))) continue;
    parts.push(set.name);
    for (const m of set.members) left.delete(m);
  }
  const rest = [...left];
  const more = rest.length > LISTED ? `, and ${rest.length - LISTED + 1} more` : '';
  parts.push(...(more === '' ? rest : [`${rest.slice(0, LISTED - 1).join(', ')}${more}`]));
  return parts.join(', ');
}
