/** The names that `# TYPE` lines of an exposition declare. */
export function families(body: string): ReadonlySet<string> {
  return new Set([...body.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1] ?? ''));
}

/** Those of `wanted` that aren't there; OpenMetrics declares counters without `_total`. */
export function missingFrom(found: ReadonlySet<string>, wanted: readonly string[]): string[] {
  return wanted.filter((name) => !found.has(name) && !found.has(name.replace(/_total$/, '')));
}
