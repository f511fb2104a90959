import { quote, quoteAll, removedAtEnd } from '../shell.js';
import { leftovers } from '../stage.js';
import type { ArchiveOptions } from './archive.js';

/** Exit codes of the script below. */
export const archiveCodes = {
  noCurl: 86,
  notFetched: 87,
  noSum: 88,
  mismatch: 89,
  notUnpacked: 90,
  missingFile: 91,
} as const;

/** The file that says what of an archive is installed: its address and sum, then `sha256sum` lines. */
export function markerOf(name: string): string {
  return `/var/lib/cloudops/archives/${name}`;
}

/** Fetches, proves, unpacks beside the target, renames, and writes the marker last. */
export function archiveScript(options: ArchiveOptions, wanted: string): string {
  const marker = markerOf(options.name);
  const sent = 'read' in options;
  return [
    ...(sent ? [] : ['exec </dev/null', `command -v curl >/dev/null || exit ${archiveCodes.noCurl}`]),
    'umask 022',
    `INTO=${quote(options.into)}; P=$(dirname "$INTO"); mkdir -p "$P" /var/lib/cloudops/archives || exit 1`,
    leftovers('"$P"'),
    'T=$(mktemp -d "$P/.cloudops.XXXXXXXX") || exit 1',
    removedAtEnd('T'),
    ...(sent ? ['cat >"$T/archive" || exit 1; exec </dev/null'] : fetched(options.url)),
    ...wantedSum(options),
    'SUM=$(sha256sum <"$T/archive" | cut -c1-64)',
    `[ "$SUM" = "$WANT" ] || { echo "wanted $WANT"; echo "got $SUM"; exit ${archiveCodes.mismatch}; }`,
    `mkdir "$T/tree" && tar -x --no-same-owner -C "$T/tree" --strip-components=1 -f "$T/archive" || exit ${archiveCodes.notUnpacked}`,
    ...(options.files === undefined ? installTree() : installFiles(options.files)),
    `{ echo ${quote(wanted)}; cat "$T/sums"; } >"$T/marker" && sync "$T/marker" && cp "$T/marker" ${quote(`${marker}.new`)} && mv -f ${quote(`${marker}.new`)} ${quote(marker)}`,
  ].join('\n');
}

function fetched(url: string): string[] {
  return [
    'fetch() { curl --fail --silent --show-error --location --connect-timeout 20 --retry 2 --speed-time 60 --speed-limit 1000 --output "$2" "$1"; }',
    `fetch ${quote(url)} "$T/archive" || { echo "curl ended with $?"; exit ${archiveCodes.notFetched}; }`,
  ];
}

function wantedSum(options: ArchiveOptions): string[] {
  if ('sha256' in options) return [`WANT=${quote(options.sha256)}`];
  const name = options.url.slice(options.url.lastIndexOf('/') + 1);
  return [
    `fetch ${quote(options.checksumUrl)} "$T/published" || { echo "curl ended with $?"; exit ${archiveCodes.notFetched}; }`,
    // A page of this archive alone (Grafana's names its build, not its release); a list must name the file.
    options.checksumUrl === `${options.url}.sha256`
      ? `read -r WANT rest <"$T/published"`
      : `WANT=; while read -r sum file || [ -n "$sum" ]; do case $file in ${quote(name)}|"*"${quote(name)}|"") WANT=$sum ;; esac; done <"$T/published"`,
    `[ "\${#WANT}" -eq 64 ] || exit ${archiveCodes.noSum}`,
  ];
}

function installFiles(files: readonly string[]): string[] {
  const names = files.map((path) => path.slice(path.lastIndexOf('/') + 1));
  return [
    ...files.map(
      (path) =>
        `[ -f "$T/tree/"${quote(path)} ] || { echo ${quote(path)}; exit ${archiveCodes.missingFile}; }`,
    ),
    'mkdir -p "$INTO" || exit 1',
    ...files.map((path, index) => {
      const name = quote(names[index] ?? path);
      return `chown root:root "$T/tree/"${quote(path)} && chmod 0755 "$T/tree/"${quote(path)} && sync "$T/tree/"${quote(path)} && mv -fT "$T/tree/"${quote(path)} "$INTO/"${name} || exit 1`;
    }),
    `( cd "$INTO" && sha256sum -- ${quoteAll(names.map((name) => `./${name}`))} ) | sed "s|  \\./|  $INTO/|" >"$T/sums"`,
  ];
}

/** The old tree steps aside for the new one, and comes back when that fails. */
function installTree(): string[] {
  return [
    'chown -R root:root "$T/tree" && chmod 0755 "$T/tree" || exit 1',
    '( cd "$T/tree" && find . -type f -print0 | xargs -0 sha256sum -- ) | sed "s|  \\./|  $INTO/|" >"$T/sums"',
    '[ ! -e "$INTO" ] || mv -T "$INTO" "$T/old" || exit 1',
    'mv -T "$T/tree" "$INTO" || { [ ! -e "$T/old" ] || mv -T "$T/old" "$INTO"; exit 1; }',
  ];
}
