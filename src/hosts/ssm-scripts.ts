import { makeKey, openPipe, sealPipe, unwrapPipe } from './ssm-envelope.js';
import { quote } from './shell.js';

/** Characters of base64 in one command: a document's parameters end somewhere above 40,000. */
export const partChars = 36_000;
/** Characters that are fetched at once: GetCommandInvocation cuts standard output at 24,000. */
export const fetchChars = 23_000;

/** Where a session's files are: in memory, root's alone. */
const directory = (session: string): string => `umask 077; D=/run/cloudops-ssm/${session}`;

/** First lines that the scripts below answer with. */
export const said = {
  key: 'cloudops key',
  noOpenssl: 'cloudops no-openssl',
  lost: 'cloudops lost',
  unread: 'cloudops unread',
  result: 'cloudops result',
  part: 'cloudops part',
} as const;

/** Opens a session: prints the public key to write to. Sessions that were never closed go after a day. */
export function openText(session: string): string {
  return [
    directory(session),
    `command -v openssl >/dev/null || { echo '${said.noOpenssl}'; exit 0; }`,
    'mkdir -p "$D" || exit 1',
    'find /run/cloudops-ssm -mindepth 1 -maxdepth 1 -mmin +1440 -exec rm -rf {} + 2>/dev/null',
    `echo '${said.key}'`,
    `[ -s "$D/key" ] || { ${makeKey}; exit; }`,
    'openssl pkey -in "$D/key" -pubout',
  ].join('\n');
}

/** Forgets the session with all its keys. */
export function closeText(session: string): string {
  return `${directory(session)}\nrm -rf "$D"`;
}

/** Puts one part of a long input down. */
export function partText(session: string, operation: string, index: number, part: string): string {
  const path = `"$D/${operation}.part.${String(index).padStart(4, '0')}"`;
  return [
    directory(session),
    `[ -s "$D/key" ] || { echo '${said.lost}'; exit 0; }`,
    `cat >${path} <<'END'`,
    part,
    'END',
    `echo '${said.part}'`,
  ].join('\n');
}

export interface RunText {
  readonly session: string;
  readonly operation: string;
  /** The shell command that is fed the input; holds nothing secret. */
  readonly command: string;
  readonly wrapped: string;
  /** The sealed input, or undefined when its parts were put down before. */
  readonly sealed: string | undefined;
  /** Bytes of the input once opened. */
  readonly size: number;
}

/**
 * Runs a command once, however often this is sent: whoever comes second waits for the first one's result. Prints the
 * length of the sealed result and as much of it as one answer holds.
 */
export function runText({ session, operation, command, wrapped, sealed, size }: RunText): string {
  const put = sealed === undefined ? [] : [`cat >"$D/${operation}.part.0000" <<'END'`, sealed, 'END'];
  return [
    directory(session),
    `J="$D/${operation}"`,
    `[ -s "$D/key" ] || { echo '${said.lost}'; exit 0; }`,
    'if mkdir "$J" 2>/dev/null; then',
    ...put,
    `[ -s "$D/pass" ] || { ( ${unwrapPipe} ) 2>"$J/why" <<'END'`,
    wrapped,
    'END',
    'mv "$J/pass" "$D/pass"; } 2>>"$J/why"',
    `cat "$J".part.* 2>>"$J/why" | ( ${openPipe} ) >"$J/in" 2>>"$J/why"`,
    'rm -f "$J".part.*',
    `[ "$(wc -c <"$J/in")" = ${size} ] || { echo '${said.unread}'; head -c 2000 "$J/why"; rm -rf "$J"; exit 0; }`,
    `sh -c ${quote(command)} <"$J/in" >"$J/out" 2>"$J/err"`,
    'c=$?; rm -f "$J/in"',
    `{ echo "$c $(wc -c <"$J/out") $(wc -c <"$J/err")"; cat "$J/out" "$J/err"; } 2>"$J/why" | ( ${sealPipe} ) >"$J/sealed" 2>>"$J/why"`,
    'rm -f "$J/out" "$J/err"; mv "$J/sealed" "$J/result"',
    'else while [ -d "$J" ] && [ ! -e "$J/result" ]; do sleep 0.5; done; fi',
    `echo "${said.result} $(wc -c <"$J/result")"; head -c ${fetchChars} "$J/result"`,
  ].join('\n');
}

/** Prints a further stretch of a result. */
export function fetchText(session: string, operation: string, offset: number): string {
  return `${directory(session)}\ntail -c +${offset + 1} "$D/${operation}/result" | head -c ${fetchChars}`;
}
