// The table of ss: as wide as its widest cell, never wider; but the last cell of the last row is not counted, as in the
// tool. Linux tool: iproute2 6.1, misc/ss.c, render().

interface Column {
  readonly title: string;
  readonly left: boolean;
  readonly delimiter: string;
}

const COLUMNS: readonly Column[] = [
  { title: 'Netid', left: true, delimiter: '' },
  { title: 'State', left: true, delimiter: ' ' },
  { title: 'Recv-Q', left: true, delimiter: ' ' },
  { title: 'Send-Q', left: true, delimiter: ' ' },
  { title: 'Local Address:', left: false, delimiter: ' ' },
  { title: 'Port', left: true, delimiter: '' },
  { title: 'Peer Address:', left: false, delimiter: ' ' },
  { title: 'Port', left: true, delimiter: '' },
  { title: 'Process', left: true, delimiter: '' },
];

export interface TableOptions {
  netid: boolean;
  state: boolean;
  header: boolean;
}

/** `rows`: nine cells each. */
export function renderTable(rows: readonly string[][], o: TableOptions): string {
  const shown = COLUMNS.map((_, i) => (i !== 0 || o.netid) && (i !== 1 || o.state));
  const all = o.header ? [COLUMNS.map((c) => c.title), ...rows] : [...rows];
  const last = COLUMNS.length - 1;
  const widths = COLUMNS.map((_, i) => {
    const counted = i === last ? all.slice(0, -1) : all;
    return Math.max(0, ...counted.map((row) => row[i].length));
  });
  let out = '';
  for (const row of all) {
    let first = true;
    for (let i = 0; i <= last; i++) {
      if (!shown[i]) continue;
      const { left, delimiter } = COLUMNS[i];
      if (!first) out += delimiter;
      first = false;
      out += left ? row[i].padEnd(widths[i]) : row[i].padStart(widths[i]);
    }
    out += '\n';
  }
  return out;
}
