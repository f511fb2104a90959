/** What an image reference is made of. */
export interface ImageReference {
  /** Registry and repository, without tag and digest. */
  readonly name: string;
  readonly tag: string | undefined;
  /** `sha256:HEX`. */
  readonly digest: string | undefined;
}

const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const pattern = new RegExp(
  `^((?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\\d+)?/)?${part}(?:/${part})*)(?::(\\w[\\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$`,
);

/** `[REGISTRY/]NAME[:TAG][@DIGEST]` in its parts; undefined when it is something else. */
export function parseImage(text: string): ImageReference | undefined {
  const [, name, tag, digest] = pattern.exec(text) ?? [];
  return name === undefined ? undefined : { name, tag, digest };
}

/** Why an image can't be deployed by this reference; undefined when it can. */
export function imageProblem(text: string): string | undefined {
  const image = parseImage(text);
  if (image === undefined) return 'use an image reference such as registry.example.com/team/app:1.4';
  if (image.digest !== undefined || (image.tag !== undefined && image.tag !== 'latest')) return undefined;
  return `name a release by its tag or digest, such as ${image.name}:1.4: what 'latest' means changes by itself`;
}
