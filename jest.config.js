/** Suites by what they need: `fast` needs nothing but Node; the others say so in their file name. */
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
};

const special = ['faults', 'promtool', 'moto', 'sandbox', 'hosts', 'terminal', 'browser'];

export default {
  projects: [
    {
      ...base,
      displayName: 'fast',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: special.map((kind) => `\\.${kind}\\.test\\.ts$`),
    },
    ...special.map((kind) => ({
      ...base,
      displayName: kind,
      testMatch: [`<rootDir>/test/**/*.${kind}.test.ts`],
    })),
  ],
};
