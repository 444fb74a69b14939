// Names in commands that people copy, and in scripts that are run as root: a device may be called `a;$(id)`.

/** As one word of a POSIX shell: as it is where nothing in it means something to the shell, else in single quotes. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
