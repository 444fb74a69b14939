// Columns of text. On a terminal they are made to fit: first the columns that matter least go, then the longest cells are
// cut. Without a width nothing is left out.

export interface Column {
  readonly title: string;
  readonly cells: readonly string[];
  readonly right?: boolean;
  /** The lower, the sooner it is left out; 0 is never. */
  readonly keep: number;
}

const GAP = 2;
/** No cell is cut shorter. */
const SHORTEST = 8;

/** `width` null: as wide as it takes. Lines without a newline, the titles first. */
export function tableLines(columns: readonly Column[], width: number | null): string[] {
  const full = columns.map((c) => ({ ...c, width: Math.max(c.title.length, ...c.cells.map((cell) => cell.length)) }));
  const fitted = width === null ? full : squeeze(full, width);
  const line = (cellOf: (c: Column) => string): string =>
    fitted
      .map((c) => {
        const cell = cut(cellOf(c), c.width);
        return c.right === true ? cell.padStart(c.width) : cell.padEnd(c.width);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const rows = columns[0]?.cells.length ?? 0;
  return [line((c) => c.title), ...Array.from({ length: rows }, (_, i) => line((c) => c.cells[i]))];
}

interface Sized extends Column {
  width: number;
}

function squeeze(columns: Sized[], width: number): Sized[] {
  const shown = [...columns];
  const optional = shown.filter((c) => c.keep > 0).sort((a, b) => a.keep - b.keep);
  for (const column of optional) {
    if (total(shown) <= width) break;
    shown.splice(shown.indexOf(column), 1);
  }
  for (let over = total(shown) - width; over > 0; over--) {
    const longest = shown.reduce((a, b) => (b.width > a.width ? b : a));
    if (longest.width <= SHORTEST) break;
    longest.width--;
  }
  return shown;
}

function total(columns: readonly Sized[]): number {
  return columns.reduce((sum, c) => sum + c.width + GAP, -GAP);
}

function cut(cell: string, width: number): string {
  return cell.length <= width ? cell : `${cell.slice(0, width - 1)}…`;
}
