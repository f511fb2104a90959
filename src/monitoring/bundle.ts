import { CloudopsError } from '../errors.js';
import type { ImageArchive } from '../hosts/steps/image.js';
import type { Architecture, ImageProduct, Product } from './releases.js';

/** Where an artifact of a bundle is read from: `sha256` was true when the bundle was opened, and is proven by `read`. */
export type Bundled = ImageArchive & { readonly version: string; readonly file: string };

/** Images that a bundle holds: those of products, and the team's. */
export type BundledImageName = ImageProduct | 'application';

export type BundledImage = Bundled & { readonly reference: string };

/** Release archives and images that somebody carried here: hosts fetch nothing of what it holds. */
export interface Bundle {
  readonly directory: string;
  archive(product: Product, architecture: Architecture): Bundled | undefined;
  image(product: BundledImageName, architecture: Architecture): BundledImage | undefined;
  /** The placeholder's Python packages, as a tar. */
  wheels(architecture: Architecture): Bundled | undefined;
}

/** A host may not fetch what the bundle should have held. */
export function notInBundle(bundle: Bundle, what: string): CloudopsError {
  return new CloudopsError({
    code: 'BUNDLE_INCOMPLETE',
    what: `The bundle ${bundle.directory} doesn't hold ${what}; nothing was touched.`,
    fix: [
      "make it with the same config, on a machine with internet: 'cloudops monitoring bundle create --out DIR'",
    ],
  });
}
