import { cloudfrontRuntime } from './cloudfront-runtime.mjs';

// What is deployed: `no-console`, since a log would hold what must not be kept.
const DEPLOYED = ['viewer-request.js', 'origin-request.mjs'];

const correctness = {
  eqeqeq: 'error',
  'no-shadow': 'error',
  'no-undef': 'error',
  'no-unreachable': 'error',
  'no-unused-expressions': 'error',
  'no-unused-vars': 'error',
  'no-use-before-define': ['error', { functions: false }],
  'no-var': 'error',
  'prefer-const': 'error',
};

export default [
  { rules: correctness, linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  { files: ['viewer-request.js'], ...cloudfrontRuntime },
  {
    files: ['origin-request.mjs'],
    languageOptions: { ecmaVersion: 2023 },
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '^(?!node:)', message: 'No dependencies.' }] }],
    },
  },
  { files: DEPLOYED, rules: { 'no-console': 'error' } },
  {
    files: ['tests/**/*.mjs'],
    languageOptions: {
      globals: { Buffer: 'readonly', URL: 'readonly', console: 'readonly', process: 'readonly', structuredClone: 'readonly' },
    },
  },
];
