import { basename } from 'node:path';
import * as z from 'zod';

const common = {
  version: z.string(),
  arch: z.enum(['amd64', 'arm64']),
  /** A file beside the manifest. */
  file: z.string().refine((name) => name === basename(name) && name !== '.' && name !== '..'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
};

const bundleManifest = z.strictObject({
  version: z.literal(1),
  artifacts: z.array(
    z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('archive'),
        name: z.enum(['prometheus', 'nodeExporter', 'grafana', 'alertmanager']),
        ...common,
      }),
      z.strictObject({
        kind: z.literal('image'),
        name: z.enum(['prometheus', 'grafana', 'application']),
        /** What the image is called once it is loaded. */
        reference: z.string(),
        ...common,
      }),
      z.strictObject({
        /** A tar of Python packages; the version is `requirementsVersion` of what they are for. */
        kind: z.literal('wheels'),
        name: z.literal('application'),
        ...common,
      }),
    ]),
  ),
});

/** What a bundle of release archives and images says of itself. */
export type BundleManifest = z.output<typeof bundleManifest>;
/** One file of a bundle. */
export type Artifact = BundleManifest['artifacts'][number];

/** The manifest's name in a bundle. */
export const manifestFile = 'manifest.json';

/** A manifest from its text; throws an `Error` that says what is wrong with it. */
export function parseManifest(text: string): BundleManifest {
  const { success, data, error } = bundleManifest.safeParse(JSON.parse(text));
  if (!success) throw new Error(z.prettifyError(error).split('\n').join(' '));
  return data;
}
