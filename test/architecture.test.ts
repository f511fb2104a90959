import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Which folder of src/ may import which; docs/architecture.md shows the same table. `errors` and `templates` are files. */
const may: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  templates: [],
  config: ['errors', 'templates'],
  engine: ['errors'],
  infra: ['engine', 'config', 'errors', 'templates'],
  hosts: ['engine', 'config', 'errors', 'templates'],
  monitoring: ['hosts', 'engine', 'config', 'errors', 'templates'],
  dashboards: ['hosts', 'engine', 'config', 'errors', 'templates'],
  verify: ['infra', 'hosts', 'monitoring', 'dashboards', 'engine', 'config', 'errors'],
  operations: [
    'infra',
    'hosts',
    'monitoring',
    'dashboards',
    'verify',
    'engine',
    'config',
    'errors',
    'templates',
  ],
  ui: ['engine', 'infra', 'verify', 'config', 'operations', 'hosts', 'monitoring', 'dashboards', 'errors'],
  sandbox: [],
  cli: [
    'operations',
    'ui',
    'infra',
    'hosts',
    'monitoring',
    'dashboards',
    'verify',
    'engine',
    'config',
    'errors',
    'templates',
    'sandbox',
  ],
  commands: [
    'cli',
    'operations',
    'ui',
    'infra',
    'hosts',
    'monitoring',
    'dashboards',
    'verify',
    'engine',
    'config',
    'errors',
    'templates',
  ],
};

/** Single imports beyond the table, each with its reason. */
const exceptions: readonly (readonly [file: RegExp, target: RegExp, why: string])[] = [
  [
    /^dashboards\/definitions\//,
    /^monitoring\/expressions$/,
    'the PromQL expressions; definitions run at build time only',
  ],
  [/^commands\/sandbox\//, /^sandbox\//, 'the sandbox has commands of its own'],
];

/** npm packages with one home. */
const homes: readonly (readonly [pkg: RegExp, home: RegExp])[] = [
  [/^listr2$/, /^ui\/listr\.ts$/],
  [/^(ssh2|node-ssh)$/, /^hosts\/ssh\.ts$/],
  [/^ssh-config$/, /^hosts\//],
  [/^inquirer$/, /^cli\/prompt\.ts$/],
  [/^@oclif\/core$/, /^(cli|commands)\//],
  [/^zod$/, /^config\//],
  [/^@aws-sdk\/client-(ec2|iam|sts|service-quotas)$/, /^(infra\/|cli\/aws-clients\.ts)/],
  [/^@aws-sdk\/client-ssm$/, /^(infra\/|hosts\/ssm\.ts|cli\/aws-clients\.ts)/],
  [/^(@prometheus-io|@codemirror|@lezer)\//, /^dashboards\/promql\.ts$/],
  [/^bcryptjs$/, /^monitoring\/password-hash\.ts$/],
  [/^uplot/, /^dashboards\/preview\/chart-library\.ts$/],
  [/^@grafana\/grafana-foundation-sdk/, /^dashboards\/definitions\//],
];

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(src, join(entry.parentPath, entry.name)))
    .sort();
}

const files = sourceFiles(src);

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(src, file), 'utf8');
  const statics = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/gm)];
  const dynamics = [...text.matchAll(/import\('([^']+)'\)/g)].map((match) => [match[0], undefined, match[1]]);
  const bare = [...text.matchAll(/^import\s+'([^']+)'/gm)].map((match) => [match[0], undefined, match[1]]);
  return [...statics, ...dynamics, ...bare].map((match) => ({
    file,
    target: match[2] ?? '',
    typeOnly: match[1] !== undefined,
  }));
});

/** The path in src/ of a relative import, without its ending. */
function inside({ file, target }: Import): string {
  return posix.normalize(posix.join(posix.dirname(file), target)).replace(/\.js$/, '');
}

const folderOf = (path: string): string => path.replace(/\.ts$/, '').split('/')[0] ?? '';
const local = imports.filter(({ target }) => target.startsWith('.'));
const external = imports.filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'));
const show = ({ file, target }: Import): string => `${file} imports ${target}`;

describe('the architecture', () => {
  it('reads the imports of a real tree', () => {
    expect(files.length).toBeGreaterThan(20);
    expect(local.length).toBeGreaterThan(50);
  });

  it('knows every folder', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => !(folder in may))).toEqual([]);
  });

  it('lets folders import only to the right', () => {
    const wrong = local.filter((entry) => {
      const [from, to] = [folderOf(entry.file), folderOf(inside(entry))];
      if (from === to || may[from]?.includes(to) === true) return false;
      return !exceptions.some(([file, target]) => file.test(entry.file) && target.test(inside(entry)));
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it('lets ui see types only, and pure text', () => {
    const wrong = local.filter(
      (entry) =>
        entry.file.startsWith('ui/') &&
        !entry.typeOnly &&
        !['ui', 'errors'].includes(folderOf(inside(entry))),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it('lets only the composition root and the sandbox commands know the sandbox', () => {
    const wrong = local.filter(
      (entry) =>
        folderOf(inside(entry)) === 'sandbox' && !/^(sandbox|cli|commands\/sandbox)\//.test(entry.file),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it('gives each package with effects one home', () => {
    const wrong = external.filter((entry) =>
      homes.some(([pkg, home]) => pkg.test(entry.target) && !home.test(entry.file)),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it('builds AWS clients in one place', () => {
    const wrong = files.filter(
      (file) =>
        file !== 'cli/aws-clients.ts' && /new \w*Client\(/.test(readFileSync(join(src, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  it('keeps console, process.exit and process.env to the edge', () => {
    const wrong = files.filter(
      (file) =>
        !/^(cli|sandbox)\//.test(file) &&
        /\bconsole\.(log|error|warn|info|debug)\b|process\.exit\b|process\.env\b/.test(
          readFileSync(join(src, file), 'utf8'),
        ),
    );
    expect(wrong).toEqual([]);
  });

  it('has no drawer folders', () => {
    expect(files.filter((file) => /(^|\/)(utils|helpers|common|misc)\//.test(file))).toEqual([]);
  });
});
