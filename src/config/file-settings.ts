/** What a config file says, as texts that the settings' parsers take: src/config/setting.ts. */
export interface FileSettings {
  /** As the user gave it, for messages. */
  readonly path: string;
  /** By key, "otlp.endpoint". Keys without a value are left out. */
  readonly entries: ReadonlyMap<string, FileEntry>;
}

/** A text and where it stands; lines and columns count from 1. */
export interface FileText {
  readonly text: string;
  /** As it stands in the file: values of variables that it names are not for messages. */
  readonly shown: string;
  readonly line: number;
  readonly column: number;
}

export interface FileEntry extends FileText {
  /** What a list or map consists of. */
  readonly parts?: readonly FileText[];
}

/** "agent.yaml:3:5: otlp.endpoint" */
export function placeIn(
  file: Pick<FileSettings, "path"> | undefined,
  { line, column }: Pick<FileText, "line" | "column">,
  what: string,
): string {
  return `${file?.path}:${line}:${column}: ${what}`;
}
