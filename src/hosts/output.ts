/** The last lines of an output, in one line; what an error shows of it. */
export function lastLines(text: string, count = 5): string {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ');
}

/** Before a line that a script tells the operator while it runs; the rest of its output is for errors. */
const told = 'cloudops: ';

/** Passes on the lines that a script tells while it runs. */
export function progressTo(report: (message: string) => void): (line: string) => void {
  return (line) => {
    if (line.startsWith(told)) report(line.slice(told.length));
  };
}

/** An output without what was told while it ran. */
export function withoutProgress(output: string): string {
  const lines = output.split('\n');
  return lines.filter((line) => !line.startsWith(told)).join('\n');
}
