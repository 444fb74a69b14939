// How a program that is modelled ends at once, from wherever it is: with a text and an exit code, as exit() does. Each program
// derives its own, and catches that one only.

export class ProgramExit extends Error {
  readonly text: string;
  readonly code: number;
  readonly toStdout: boolean;

  constructor(text: string, code = 1, toStdout = false) {
    super(text);
    this.text = text;
    this.code = code;
    this.toStdout = toStdout;
  }
}
