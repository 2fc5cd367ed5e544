/** The options that the real busybox names in its help, as they were recorded: test/fixtures/busybox-options.json. */
import { readFileSync } from 'node:fs';

export interface RecordedOptions {
  readonly note: string;
  /** First line of `busybox`. */
  readonly busybox: string;
  /** As test/support/help-options.ts writes them. */
  readonly applets: Readonly<Record<string, readonly string[]>>;
}

export const optionsFile = new URL('../../fixtures/busybox-options.json', import.meta.url);

export function readOptions(): RecordedOptions {
  return JSON.parse(readFileSync(optionsFile, 'utf8')) as RecordedOptions;
}
