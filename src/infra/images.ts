import { DescribeImagesCommand, type Image } from '@aws-sdk/client-ec2';
import type { Aws } from './resource.js';

const asked = new WeakMap<Aws['ec2'], Map<string, Promise<Image | undefined>>>();

/** What AWS knows of an image; undefined when it lists none of that id. Asked once a run. */
export function describeImage(aws: Aws, id: string): Promise<Image | undefined> {
  const known = asked.get(aws.ec2) ?? new Map<string, Promise<Image | undefined>>();
  asked.set(aws.ec2, known);
  const answer =
    known.get(id) ??
    aws.ec2.read.send(new DescribeImagesCommand({ ImageIds: [id] })).then(({ Images }) => Images?.[0]);
  known.set(id, answer);
  return answer;
}
