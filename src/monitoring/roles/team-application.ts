import type { Step } from '../../hosts/step.js';
import { absent } from '../../hosts/steps/absent.js';
import { directory } from '../../hosts/steps/directory.js';
import { file } from '../../hosts/steps/file.js';
import { image, type ImageOptions } from '../../hosts/steps/image.js';
import { unitContainer } from '../../hosts/steps/unit-container.js';
import { notInBundle } from '../bundle.js';
import {
  applicationCompose,
  applicationContainer,
  applicationContainerUnit,
  bundledName,
  environmentPath,
  renderApplicationCompose,
} from '../team-application.js';
import { applicationHome, applicationVenv } from '../units.js';
import { dockerRuns } from './docker.js';
import type { RoleInput } from './role.js';

/** The team's own container in place of the placeholder, under the placeholder's unit. */
export function teamApplicationSteps(input: RoleInput, reference: string): readonly Step[] {
  const { model, facts, applicationEnvironment } = input;
  const { port, metricsPath, environmentFile } = model.config.application;
  const taken = imageFrom(input, reference);
  const spec = applicationContainer(model.config, taken.reference, facts.memoryBytes);
  const secret =
    environmentFile === undefined
      ? undefined
      : { path: environmentPath, content: applicationEnvironment?.reveal() ?? '', mode: 0o600 };
  return [
    dockerRuns(),
    image(taken),
    directory({ path: applicationHome }),
    secret === undefined
      ? absent({ name: 'environment of the application', paths: [environmentPath] })
      : file({ ...secret, secret: true }),
    file({ path: applicationCompose, content: renderApplicationCompose(spec, secret !== undefined) }),
    unitContainer({
      spec,
      unit: applicationContainerUnit(),
      environmentFile: secret,
      // Any HTTP status will do: which paths it has is its own business.
      ready: `curl -sS --noproxy '*' --max-time 3 -o /dev/null http://127.0.0.1:${String(port)}${metricsPath}`,
      obsolete: [`${applicationHome}/app.py`, applicationVenv],
    }),
  ];
}

/** As the config names it, from where that says; `artifacts.registry` is for the images of Prometheus and Grafana. */
function imageFrom({ bundle, facts }: RoleInput, reference: string): ImageOptions {
  if (bundle === undefined) return { reference, whenNotPulled };
  const arch = facts.arch ?? 'amd64';
  const found = bundle.image('application', arch);
  if (found?.reference !== bundledName(reference))
    throw notInBundle(bundle, `the image ${reference} of 'application.image' for ${arch}`);
  return { reference: found.reference, archive: found };
}

const whenNotPulled = [
  'see whether the host reaches that registry, and the image is there for its architecture',
  "a private registry wants a login on each host, once: 'sudo docker login REGISTRY'; or give a bundle ('--bundle DIR')",
];
