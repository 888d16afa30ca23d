/** One record of an SD file while its lines come in: a molfile, then fields of `> <NAME>`, lines of value and an empty line. */
import type { Line } from '../lines.ts';

/** The largest molfile within our atom limits is some 40 kB; data fields may add text. */
const MAX_CHARACTERS = 1 << 20;
const MAX_COUNTS_CHARACTERS = 200;
const TERMINATOR = '$$$$';
const MOLFILE_HEADER_LINES = 3;

/** The fourth line of a molfile. */
export function isCounts(text: string): boolean {
  return text.length <= MAX_COUNTS_CHARACTERS && /^ *\d.*V[23]000\s*$/.test(text);
}

export class SdfRecord {
  readonly fields = new Map<string, string>();
  /** "M  END" beyond the first that belongs to no molfile we know of. */
  readonly strayEnds: Line[] = [];
  private readonly lines: Line[] = [];
  /** For each line, whether it is part of a field: then it is no header of a molfile. */
  private readonly inField: boolean[] = [];
  private size = 0;
  private tooLong = false;
  private hasCounts = false;
  /** Lines of the molfile, once its end was seen. */
  private molfileLines: number | undefined;
  private name: string | undefined;
  private value: string[] = [];
  /** A molfile that is the value of a field; its own empty lines end the value too soon. */
  private embedded = false;

  get isEmpty(): boolean {
    return this.lines.length === 0;
  }

  get isBlank(): boolean {
    return this.lines.every(({ text }) => text.trim() === '');
  }

  get isTooLong(): boolean {
    return this.tooLong;
  }

  get first(): Line {
    return this.lines[0]!;
  }

  get text(): string {
    return this.lines.map(({ text }) => text).join('\n');
  }

  /** The molfile; undefined where it is cut off. */
  get structure(): string | undefined {
    if (this.molfileLines === undefined) return undefined;
    return `${this.lines.slice(0, this.molfileLines).map(({ text }) => text).join('\n')}\n`;
  }

  /** "$$$$" alone ends any record; with something behind it, only where no value, which may begin so, and no title is read. */
  isEndedBy(text: string): boolean {
    if (text.trim() === TERMINATOR) return true;
    return text.startsWith(TERMINATOR) && this.name === undefined && !this.isEmpty;
  }

  push(line: Line): void {
    this.size += line.text.length + 1;
    this.tooLong ||= line.overlong || this.size > MAX_CHARACTERS;
    // Of a record that is too long, the beginning is kept for the reject.
    if (this.tooLong && this.lines.length >= 4) return;
    this.lines.push(line);
    this.inField.push(this.molfileLines === undefined ? this.readMolfile(line.text) : this.readData(line));
  }

  /**
   * Called with a counts line. Where this record has one already and the three lines before it are no field's, they begin the next
   * molfile: it gets them, and this record ends before them.
   */
  splitHeader(): SdfRecord | undefined {
    const from = this.lines.length - MOLFILE_HEADER_LINES;
    if (!this.hasCounts || this.tooLong || from < 1) return undefined;
    if (this.inField.slice(from).includes(true)) {
      this.embedded = true;
      return undefined;
    }
    this.inField.length = from;
    const next = new SdfRecord();
    for (const line of this.lines.splice(from)) next.push(line);
    return next;
  }

  private readMolfile(text: string): boolean {
    this.hasCounts ||= isCounts(text);
    if (text.startsWith('M  END')) this.molfileLines = this.lines.length;
    return false;
  }

  /** Whether the line belongs to a field, its closing empty line included. */
  private readData(line: Line): boolean {
    const { text } = line;
    if (this.name !== undefined && !isPlainHeader(text)) {
      if (text.trim() === '') this.name = undefined;
      else {
        this.value.push(text);
        this.fields.set(this.name, this.value.join('\n'));
      }
      return true;
    }
    const name = fieldName(text);
    if (name !== undefined) {
      this.name = name;
      this.value = [];
      this.fields.set(name, '');
      return true;
    }
    if (text.startsWith('M  END')) {
      if (!this.embedded) this.strayEnds.push(line);
      this.embedded = false;
    }
    return false;
  }
}

/** From the first "<" to the last ">": a name may hold both. */
function fieldName(text: string): string | undefined {
  return /^>[^<]*<(.+)>/.exec(text)?.[1];
}

/** Where the empty line after a value is missing, only what can be nothing else begins the next field. */
function isPlainHeader(text: string): boolean {
  return /^>\s+<[^<>]+>\s*(?:\(\S*\)\s*)?$/.test(text);
}
