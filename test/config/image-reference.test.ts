import { describe, expect, it } from '@jest/globals';
import { imageProblem, parseImage } from '../../src/config/image-reference.js';
import { configSchema } from '../../src/config/schema.js';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image reference', () => {
  it.each([
    ['app:1', { name: 'app', tag: '1', digest: undefined }],
    [
      'localhost:5000/team/app:v1.2-rc.1',
      { name: 'localhost:5000/team/app', tag: 'v1.2-rc.1', digest: undefined },
    ],
    [
      `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team_a/app@${digest}`,
      { name: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team_a/app', tag: undefined, digest },
    ],
    [`ghcr.io/team/app:2@${digest}`, { name: 'ghcr.io/team/app', tag: '2', digest }],
    ['localhost:5000/app', { name: 'localhost:5000/app', tag: undefined, digest: undefined }],
  ])('%s is taken apart', (text, parts) => {
    expect(parseImage(text)).toEqual(parts);
  });

  it.each([
    ['', /use an image reference/],
    ['Team/App:1', /use an image reference/],
    ['app:1 --privileged', /use an image reference/],
    ['https://ghcr.io/team/app:1', /use an image reference/],
    ['app@sha256:abc', /use an image reference/],
    ['app:latest', /name a release by its tag or digest, such as app:1\.4/],
    ['ghcr.io/team/app', /such as ghcr\.io\/team\/app:1\.4/],
  ])('%j is refused', (text, problem) => {
    expect(imageProblem(text)).toMatch(problem);
    const { error } = configSchema.safeParse({ application: { image: text } });
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual(['application.image']);
  });

  it.each([`app:latest@${digest}`, 'app:1.4', `app@${digest}`])('%s can be deployed', (text) => {
    expect(imageProblem(text)).toBeUndefined();
  });
});

describe('what only a container has', () => {
  it.each([{ containerPort: 8080 }, { environment: { A: 'b' } }, { environmentFile: 'x' }])(
    'is refused without one: %j',
    (application) => {
      const { error } = configSchema.safeParse({ application });
      expect(error?.issues[0]?.message).toContain('name its application.image');
    },
  );

  it('takes numbers and booleans as they are written, and only names that a shell knows', () => {
    const image = 'app:1';
    const environment = { PORT: 8080, DEBUG: true, NAME: 'x y' };
    expect(configSchema.parse({ application: { image, environment } }).application.environment).toEqual({
      PORT: '8080',
      DEBUG: 'true',
      NAME: 'x y',
    });
    expect(configSchema.safeParse({ application: { image, environment: { 'A-B': '1' } } }).success).toBe(
      false,
    );
  });
});
