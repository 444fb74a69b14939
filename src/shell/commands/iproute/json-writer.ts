// JSON as iproute2 writes it, to the byte: one line, or with -p indented by four spaces a level.
// iproute2: lib/json_writer.c.

export class JsonWriter {
  private text = '';
  private depth = 0;
  private sep = '';
  private readonly pretty: boolean;

  constructor(pretty: boolean) {
    this.pretty = pretty;
  }

  startObject(key: string | null = null): void {
    if (key !== null) this.name(key);
    this.begin('{');
  }

  endObject(): void {
    this.end('}');
  }

  startArray(key: string | null = null): void {
    if (key !== null) this.name(key);
    this.begin('[');
    if (this.pretty) this.text += ' ';
  }

  endArray(): void {
    if (this.pretty && this.sep !== '') this.text += ' ';
    this.sep = '';
    this.end(']');
  }

  value(key: string | null, value: string | number | boolean | null): void {
    if (key !== null) this.name(key);
    this.separate();
    this.text += typeof value === 'string' ? quote(value) : String(value);
  }

  /** A number with a fixed number of decimals. */
  raw(key: string | null, text: string): void {
    if (key !== null) this.name(key);
    this.separate();
    this.text += text;
  }

  /** All that was written. */
  take(): string {
    const t = this.text;
    this.text = '';
    return t;
  }

  private name(key: string): void {
    this.separate();
    this.newline();
    this.sep = '';
    this.text += `${quote(key)}:${this.pretty ? ' ' : ''}`;
  }

  private begin(c: string): void {
    this.separate();
    this.text += c;
    this.depth++;
    this.sep = '';
  }

  private end(c: string): void {
    this.depth--;
    if (this.sep !== '') this.newline();
    this.text += c;
    this.sep = ',';
  }

  private separate(): void {
    if (this.sep !== '') this.text += this.sep;
    this.sep = ',';
  }

  private newline(): void {
    if (this.pretty) this.text += `\n${'    '.repeat(this.depth)}`;
  }
}

const ESCAPES: Record<string, string> = {
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\f': '\\f',
  '\b': '\\b',
  '\\': '\\\\',
  '"': '\\"',
};

function quote(s: string): string {
  return `"${s.replace(/[\t\n\r\f\b\\"]/g, (c) => ESCAPES[c])}"`;
}
