// What is wrong with a file that a user wrote: every problem with its place, all at once.

export interface Problem {
  readonly line: number;
  readonly column: number;
  /** The field: `nics.eth0.profile`; '' for the file as a whole. */
  readonly path: string;
  readonly text: string;
}

/** All that is wrong with a file, in its order; `line` and `column` are the first one's. */
export class FileError extends Error {
  readonly file: string;
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    super(
      problems.map((p) => `${file}:${p.line}:${p.column}: ${p.path === '' ? '' : `${p.path}: `}${p.text}`).join('\n'),
    );
    this.file = file;
    this.problems = problems;
  }

  get line(): number {
    return this.problems[0].line;
  }

  get column(): number {
    return this.problems[0].column;
  }
}

export function byPlace(a: Problem, b: Problem): number {
  return a.line - b.line || a.column - b.column;
}
