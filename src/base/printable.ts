// Text for a terminal with names in it that others chose: a device may be called `a<ESC>[2J`.

/** Control characters but line breaks become `?`, as ls(1) shows them. */
export function printable(text: string): string {
  return text.replace(/(?!\n)\p{Cc}/gu, '?');
}

/** The same for what has to stay one line. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
