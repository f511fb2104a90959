import { readFileSync } from 'node:fs';

/** Reads a template from the source tree. scripts/build.mjs replaces this module by one that carries the texts. */
export function readTemplate(path: string): string {
  return readFileSync(new URL(`../templates/${path}`, import.meta.url), 'utf8');
}
