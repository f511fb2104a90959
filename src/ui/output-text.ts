import type { HostOutput, Outputs } from '../operations/stack-outputs.js';

/** Addresses, URLs and ssh command lines for people. Pure. */
export function outputText(outputs: Outputs): string {
  const rows: (readonly [string, string | undefined])[] = [
    ['stack', `${outputs.stack} in ${outputs.region}`],
    ['vpc', outputs.vpcId],
    ['subnets', outputs.subnetIds.join(', ')],
    ['key', `${outputs.keyName ?? 'none'}, ${outputs.privateKeyPath}`],
    ...hostRows('monitoring', outputs.monitoring),
    ...outputs.applications.flatMap((host, index) => hostRows(`application ${index + 1}`, host)),
    ['prometheus', outputs.urls.prometheus],
    ['grafana', outputs.urls.grafana],
    ...outputs.urls.application.map((url) => ['application', url] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, text]) => (text ? [`${name.padEnd(width)}  ${text}`] : [])).join('\n');
}

function hostRows(name: string, host: HostOutput | undefined): (readonly [string, string | undefined])[] {
  if (host === undefined) return [];
  const addresses = [host.publicIp ?? 'no public address', host.privateIp, host.instanceId];
  return [
    [name, addresses.filter((one) => one !== undefined).join('  ')],
    ['', host.ssh],
  ];
}
