// Pairs of parties in few words, so that a matrix of many stays readable: `blue, green -> far`, `all of lan among themselves`.

/** A name for a set of parties: a network's endpoints, the machine's peers. */
export interface NamedSet {
  readonly name: string;
  readonly members: readonly string[];
}

/** How many names are listed before the rest is counted. */
const LISTED = 6;

/** Every pair once; `sets` in the order in which they are tried. */
export function pairsText(
  pairs: ReadonlyArray<readonly [from: string, to: string]>,
  sets: readonly NamedSet[],
): string {
  const out = new Map<string, Set<string>>();
  for (const [from, to] of pairs) out.set(from, (out.get(from) ?? new Set()).add(to));
  const parts: string[] = [];
  const clique = largestClique(out);
  if (clique.length >= 2) {
    const among = clique.length === 2 ? `${clique[0]} <-> ${clique[1]}` : `${namesText(clique, sets)} among themselves`;
    parts.push(among);
    for (const a of clique) for (const b of clique) out.get(a)?.delete(b);
  }
  const byTargets = new Map<string, string[]>();
  for (const [from, targets] of out) {
    if (targets.size === 0) continue;
    const key = [...targets].join('\n');
    byTargets.set(key, [...(byTargets.get(key) ?? []), from]);
  }
  for (const [key, froms] of mirrored(byTargets)) {
    const arrow = key.startsWith('<') ? '<->' : '->';
    parts.push(`${namesText(froms, sets)} ${arrow} ${namesText(key.slice(1).split('\n'), sets)}`);
  }
  return parts.join('; ');
}

/** Two groups that are each other's targets become one with an arrow both ways: the key's first letter. */
function mirrored(groups: ReadonlyMap<string, string[]>): Array<[key: string, froms: string[]]> {
  const left = new Map(groups);
  const merged: Array<[string, string[]]> = [];
  for (const [key, froms] of groups) {
    if (!left.delete(key)) continue;
    const other = froms.join('\n');
    const back = left.get(other);
    const both = back !== undefined && back.join('\n') === key;
    if (both) left.delete(other);
    merged.push([`${both ? '<' : '>'}${key}`, froms]);
  }
  return merged;
}

/** Parties that each reach all others of the set: those with the same row, themselves counted in. */
function largestClique(out: ReadonlyMap<string, ReadonlySet<string>>): string[] {
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
