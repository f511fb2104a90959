import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One source of packages, as apt knows it. */
export interface PackageSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of the keyring it is signed by, when one is named. */
  readonly signedBy: string | undefined;
}

/** Reads the one-line format of sources.list. */
export function parseOneLine(text: string): PackageSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) return [];
    const [, options = '', uri = '', suite = '', components = ''] = match;
    const signedBy = /signed-by=(\S+)/.exec(options)?.[1];
    return [{ uris: [uri], suites: [suite], components: words(components), signedBy }];
  });
}

/** Reads the deb822 format of *.sources. */
export function parseDeb822(text: string): PackageSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = readFields(stanza);
    if (!words(fields['types']).includes('deb') || fields['enabled'] === 'no') return [];
    const signedBy = fields['signed-by']?.trim();
    const source = {
      uris: words(fields['uris']),
      suites: words(fields['suites']),
      components: words(fields['components']),
      // A key written into the file itself has no path: the distribution's own keyring then does.
      signedBy: signedBy?.startsWith('/') === true ? signedBy : undefined,
    };
    return source.uris.length > 0 ? [source] : [];
  });
}

function readFields(stanza: string): Record<string, string> {
  const fields: Record<string, string> = {};
  let name = '';
  for (const line of stanza.split('\n').filter((each) => !each.startsWith('#'))) {
    const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (match !== null) {
      name = (match[1] ?? '').toLowerCase();
      fields[name] = match[2] ?? '';
    } else if (name !== '') fields[name] = `${fields[name] ?? ''} ${line.trim()}`;
  }
  return fields;
}

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter((word) => word !== '');

/** The sources of the distribution itself: those whose suites are the release or one of its pockets. */
export function ofRelease(sources: readonly PackageSource[], codename: string): PackageSource[] {
  return sources.flatMap((source) => {
    const suites = source.suites.filter((suite) => suite === codename || suite.startsWith(`${codename}-`));
    return suites.length > 0 && source.components.length > 0 ? [{ ...source, suites }] : [];
  });
}

/** The sources in deb822, which apt and mmdebstrap read. */
export function formatSources(sources: readonly PackageSource[]): string {
  return sources
    .map(({ uris, suites, components, signedBy }) =>
      [
        'Types: deb',
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        `Components: ${components.join(' ')}`,
        ...(signedBy === undefined ? [] : [`Signed-By: ${signedBy}`]),
        '',
      ].join('\n'),
    )
    .join('\n');
}

/** What /etc/apt of this machine says; `root` is another machine's file system in tests. */
export function readSources(root = '/'): PackageSource[] {
  const folder = join(root, 'etc/apt');
  const parts = join(folder, 'sources.list.d');
  const files = [join(folder, 'sources.list'), ...list(parts).map((file) => join(parts, file))];
  return files.flatMap((file) => {
    if (file.endsWith('.sources')) return parseDeb822(read(file));
    return file.endsWith('.list') ? parseOneLine(read(file)) : [];
  });
}

/** The machine's own certificate authorities, by file name. */
export function readAuthorities(root = '/'): Readonly<Record<string, string>> {
  const folder = join(root, 'usr/local/share/ca-certificates');
  const names = list(folder).filter((file) => file.endsWith('.crt'));
  return Object.fromEntries(names.map((name) => [name, read(join(folder, name))]));
}

/** Release code name and id of this machine's distribution. */
export function readRelease(root = '/'): { id: string; codename: string } {
  const field = (name: string): string =>
    new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(read(join(root, 'etc/os-release')))?.[1] ?? '';
  return { id: field('ID'), codename: field('VERSION_CODENAME') };
}

/** The lines of `apt-config dump` that say how to reach the sources: proxies, certificates, checks of dates. */
export function reachSettings(dump: string): string[] {
  return dump
    .split('\n')
    .filter((line) => /^Acquire::(https?::|Check-|Max-ValidTime|ForceIPv)/i.test(line))
    .filter((line) => !/ "";$/.test(line));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
