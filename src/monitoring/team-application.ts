import { stringify } from 'yaml';
import { parseImage } from '../config/image-reference.js';
import type { Config } from '../config/schema.js';
import { logOptions } from '../hosts/steps/container-script.js';
import type { UnitContainerSpec } from '../hosts/steps/unit-container.js';
import { fill } from '../templates.js';
import { memoryLimit } from './containers.js';
import { applicationHome } from './units.js';

/** Secret variables of the application, 0600. */
export const environmentPath = `${applicationHome}/environment`;

/** The definition of the container, for whoever wants to see or move it. */
export const applicationCompose = `${applicationHome}/compose.yaml`;

const stopSeconds = 30;

/** The reference that hosts pull: a digest alone decides, so a tag beside it is left out. */
export function applicationImage(config: Config): string | undefined {
  const image = config.application.image === undefined ? undefined : parseImage(config.application.image);
  if (image === undefined) return undefined;
  return image.digest === undefined ? `${image.name}:${image.tag ?? ''}` : `${image.name}@${image.digest}`;
}

/** What an image is called in a bundle: `docker save` knows no digests, so one becomes a tag. */
export function bundledName(reference: string): string {
  return reference.replace('@sha256:', ':sha256-');
}

/** The team's container; `memoryBytes` is the host's. */
export function applicationContainer(config: Config, image: string, memoryBytes: number): UnitContainerSpec {
  const { port, containerPort, environment } = config.application;
  return {
    name: 'cloudops-app',
    image,
    port,
    containerPort: containerPort ?? port,
    memory: memoryLimit(memoryBytes, 0.75),
    stopSeconds,
    environment,
  };
}

export function applicationContainerUnit(): string {
  return fill('app/cloudops-app-container.service', { stop: stopSeconds, timeout: stopSeconds + 15 });
}

/** compose.yaml of the same container; secret variables stay in their file. */
export function renderApplicationCompose(spec: UnitContainerSpec, environmentFile: boolean): string {
  const variables = Object.entries(spec.environment).map(
    // A dollar sign would be a variable to compose.
    ([key, value]) => [key, value.replaceAll('$', '$$$$')] as const,
  );
  const service = {
    image: spec.image,
    container_name: spec.name,
    ports: [`${String(spec.port)}:${String(spec.containerPort)}`],
    ...(variables.length === 0 ? {} : { environment: Object.fromEntries(variables) }),
    ...(environmentFile ? { env_file: [environmentPath] } : {}),
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    mem_limit: `${String(spec.memory / 2 ** 20)}m`,
    stop_grace_period: `${String(spec.stopSeconds)}s`,
    logging: { driver: 'json-file', options: { ...logOptions } },
  };
  const text =
    '# Written by cloudops: what the container on this host is made from; its unit cloudops-app.service runs it.\n';
  return text + stringify({ name: 'cloudops-app', services: { [spec.name]: service } }, { lineWidth: 0 });
}
