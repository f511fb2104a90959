import { template } from '../templates.js';

/** What the operator decided at `init`; the rest of the file shows defaults. */
export interface SampleValues {
  readonly project: string;
  readonly environment: string;
  readonly region?: string | undefined;
  readonly allowCidrs: readonly string[];
}

/** The commented configuration with these values in it. They must be checked already. */
export function sampleConfig(values: SampleValues): string {
  const edits: readonly [RegExp, string][] = [
    [/^project: .*$/m, `project: ${values.project}`],
    [/^environment: .*$/m, `environment: ${values.environment}`],
    ...(values.region === undefined
      ? []
      : [[/^# region: .*$/m, `region: ${values.region}`] as [RegExp, string]]),
    [/^( *)allowCidrs: .*$/m, `$1allowCidrs: [${values.allowCidrs.join(', ')}]`],
  ];
  return edits.reduce((text, [line, value]) => text.replace(line, value), template('cloudops.yaml'));
}
