/** The last lines of an output, in one line; what an error shows of it. */
export function lastLines(text: string, count = 5): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ');
}
