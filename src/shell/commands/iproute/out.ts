// One printer for two readers: each value is said once, and comes out as text for people or as JSON for programs.
// iproute2: lib/json_print.c, print_string() and friends.

import { JsonWriter } from './json-writer.ts';

/** What is coloured, and the terminal's number for it. iproute2: lib/color.c, for a light background. */
const TINTS = { ifname: 36, mac: 33, inet: 35, inet6: 34, up: 32, down: 31 } as const;
export type Tint = keyof typeof TINTS;

export const tintOfIp = (ip: number | Uint8Array): Tint => (typeof ip === 'number' ? 'inet' : 'inet6');

export class Out {
  readonly json: boolean;
  private readonly writer: JsonWriter | null;
  private readonly write: (text: string) => void;
  private open = false;
  /** -o: a backslash in place of a line's end inside a record. */
  readonly oneline: boolean;
  private readonly color: boolean;

  constructor(write: (text: string) => void, json: boolean, pretty: boolean, oneline: boolean, color = false) {
    this.color = color;
    this.write = write;
    this.json = json;
    this.oneline = oneline;
    this.writer = json ? new JsonWriter(pretty) : null;
  }

  /** new_json_obj(): a document is an array of records. */
  begin(): void {
    if (this.writer === null || this.open) return;
    this.open = true;
    this.writer.startArray();
  }

  /** delete_json_obj(). */
  finish(): void {
    if (this.writer === null || !this.open) return;
    this.open = false;
    this.writer.endArray();
    this.write(`${this.writer.take()}\n`);
  }

  /** A value for both: `text` for people, `key` and `value` for programs. */
  any(key: string, value: string | number, text: string): void {
    if (this.writer !== null) this.writer.value(key, value);
    else this.write(text);
  }

  /** The same, coloured if colours are wanted. `before` is not. */
  tint(tint: Tint | null, key: string, value: string, text: string, before = ''): void {
    if (this.writer !== null) this.writer.value(key, value);
    else this.write(this.color && tint !== null ? `${before}\x1b[${TINTS[tint]}m${text}\x1b[0m` : before + text);
  }

  /** A boolean that is shown only when it holds. */
  flag(key: string, text: string): void {
    if (this.writer !== null) this.writer.value(key, true);
    else this.write(text);
  }

  /** For people alone. */
  text(text: string): void {
    if (this.writer === null) this.write(text);
  }

  /** For programs alone. `key` null: an element of an array. */
  value(key: string | null, value: string | number | boolean | null): void {
    if (this.writer !== null) this.writer.value(key, value);
  }

  raw(key: string, text: string): void {
    if (this.writer !== null) this.writer.raw(key, text);
  }

  openObject(key: string | null = null): void {
    if (this.writer !== null) this.writer.startObject(key);
  }

  closeObject(): void {
    if (this.writer !== null) this.writer.endObject();
  }

  openArray(key: string, text = ''): void {
    if (this.writer !== null) this.writer.startArray(key);
    else if (text !== '') this.write(text);
  }

  closeArray(text = ''): void {
    if (this.writer !== null) this.writer.endArray();
    else if (text !== '') this.write(text);
  }

  /** print_nl(): a line's end inside a record. */
  newline(): void {
    if (this.writer === null) this.write(this.oneline ? '\\' : '\n');
  }
}
