import { ApiError } from '../../protocol/api-error.js';
import type { Answer } from '../../protocol/xml.js';
import type { Actions, Call } from '../call.js';
import { pingStatus, registered } from './command-targets.js';
import { commandActions } from './commands.js';
import { asObjects, asText, asTexts, jsonPage, seconds } from './input.js';
import { parameterMetadataActions } from './parameter-metadata.js';
import { parameterActions } from './parameters.js';

/** Which instances Systems Manager has heard of; none without machines. */
function describeInformation(call: Call): Answer {
  const filters = [
    ...asObjects(call.json, 'Filters'),
    ...asObjects(call.json, 'InstanceInformationFilterList'),
  ];
  const all = registered(call).filter((instance) =>
    filters.every((filter) => {
      const key = asText(filter, 'Key') ?? asText(filter, 'key') ?? '';
      const values = [...asTexts(filter, 'Values'), ...asTexts(filter, 'valueSet')];
      if (key === 'InstanceIds') return values.includes(instance.id);
      if (key === 'PingStatus') return values.includes(pingStatus(instance));
      if (key === 'PlatformTypes') return values.includes('Linux');
      if (key === 'ResourceType') return values.includes('EC2Instance');
      if (key === 'tag-key') return values.some((value) => Object.hasOwn(instance.tags, value));
      if (key.startsWith('tag:')) return values.includes(instance.tags[key.slice(4)] ?? '\0');
      throw new ApiError('InvalidFilterKey', 'The specified filter key is not valid.');
    }),
  );
  const { found, NextToken } = jsonPage(call.json, all, { min: 5, max: 50, usual: 10 });
  return {
    InstanceInformationList: found.map((instance) => ({
      InstanceId: instance.id,
      PingStatus: pingStatus(instance),
      LastPingDateTime: seconds(instance.state === 'running' ? call.now : instance.since),
      AgentVersion: '3.3.0.0',
      IsLatestVersion: true,
      PlatformType: 'Linux',
      PlatformName: 'Debian GNU/Linux',
      PlatformVersion: '12',
      ResourceType: 'EC2Instance',
      IPAddress: instance.privateIp,
      ComputerName: `ip-${instance.privateIp.replaceAll('.', '-')}`,
    })),
    NextToken,
  };
}

export const SSM_ACTIONS: Actions = {
  ...parameterActions,
  ...parameterMetadataActions,
  ...commandActions,
  DescribeInstanceInformation: describeInformation,
};
