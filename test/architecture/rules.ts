import type { ICruiseOptions, IRegularForbiddenRuleType } from 'dependency-cruiser';

function only(name: string, comment: string, driver: string, folders: string[]): IRegularForbiddenRuleType {
  return {
    name,
    comment,
    severity: 'error',
    from: { path: '^src/', pathNot: folders },
    to: { path: driver },
  };
}

/** The import rules of the house; `check.ts` runs them and checks that they bite. */
export const FORBIDDEN: IRegularForbiddenRuleType[] = [
  {
    name: 'no-cycles',
    comment: 'Two files that import each other are one file.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-unresolved',
    comment: 'An import that does not resolve would hide everything behind it from these rules.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'domain-is-pure',
    comment: 'Nouns and rules know nothing of stores, HTTP, threads or the engine.',
    severity: 'error',
    from: { path: '^src/domain/' },
    to: {
      path: '^src/(?!domain/|lib/(random|clock)\\.ts)|^(node:)?(fs|http|https|net/|tls|dns|worker_threads|sqlite|child_process)',
    },
  },
  {
    name: 'lib-knows-no-product',
    comment: 'What is in lib could be in any product.',
    severity: 'error',
    from: { path: '^src/lib/' },
    to: { path: '^src/(?!lib/)' },
  },
  {
    name: 'stages-do-not-import-each-other',
    comment: 'The stages are joined in engine/*.ts only, so that each can be read alone.',
    severity: 'error',
    from: { path: '^src/engine/(intake|fanout|schedule|dispatch|record)/' },
    to: { path: '^src/engine/', pathNot: ['^src/engine/$1/', '^src/engine/(engine|telemetry)\\.ts$'] },
  },
  {
    name: 'engine-behind-its-ports',
    comment: 'The engine does not know who publishes to it, nor which store it has.',
    severity: 'error',
    from: { path: '^src/engine/' },
    to: {
      path: '^src/(http|cli|management|config|store/(?!(store|contract/[a-z]+)\\.ts)|telemetry|app\\.ts|main\\.ts)',
    },
  },
  {
    name: 'stores-behind-their-contract',
    comment: 'Only the composition root and commands choose a store.',
    severity: 'error',
    from: { path: '^src/', pathNot: ['^src/store/', '^src/app\\.ts$', '^src/cli/'] },
    to: { path: '^src/store/(?!(store|contract/[a-z]+|sealed-secrets|inspection|migration)\\.ts)' },
  },
  {
    name: 'a-store-knows-only-the-domain',
    comment: 'A store keeps the contract; it decides nothing.',
    severity: 'error',
    from: { path: '^src/store/' },
    to: { path: '^src/(?!store/|domain/|lib/)' },
  },
  {
    name: 'http-decides-nothing',
    comment: 'Routes translate; what happens is decided in management and engine.',
    severity: 'error',
    from: { path: '^src/http/' },
    to: {
      path: '^src/(store/(?!(store|contract/[a-z]+)\\.ts)|engine/|cli/|app\\.ts|main\\.ts)',
      pathNot: ['^src/engine/engine\\.ts$', '^src/engine/intake/(publish|batch)-request\\.ts$'],
    },
  },
  {
    name: 'management-behind-its-ports',
    comment: 'Use cases are called by HTTP and the command line, and do not know them.',
    severity: 'error',
    from: { path: '^src/management/' },
    to: {
      path: '^src/(http|cli|app\\.ts|main\\.ts|engine/(?!engine\\.ts|intake/(publish|batch)-request\\.ts))',
    },
  },
  {
    name: 'src-is-not-made-of-tests',
    comment: 'What runs in production is not in test, bench or examples.',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(test|bench|examples)/' },
  },
  {
    name: 'server-knows-no-dashboard',
    comment: 'The server serves files; what is in them is not its concern.',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(sdk|dashboard)/' },
  },
  {
    name: 'sdk-stands-alone',
    comment: 'It is published, without dependencies, for any JavaScript there is.',
    severity: 'error',
    from: { path: '^sdk/src/' },
    to: { path: '.', pathNot: ['^sdk/src/'] },
  },
  {
    name: 'dashboard-talks-through-the-sdk',
    comment: 'What the dashboard can do, every client can.',
    severity: 'error',
    from: { path: '^dashboard/src/' },
    to: { path: '^(src|test|bench|examples)/|^sdk/(?!src/index\\.ts)' },
  },
  only('sqlite-in-its-folder', 'One folder per driver.', '^(node:)?sqlite$', ['^src/store/sqlite/']),
  only('re2js-in-its-folder', 'One folder per driver.', 'node_modules/re2js/', ['^src/domain/json-schema/']),
  only('undici-in-its-folder', 'One folder per driver.', 'node_modules/undici/', ['^src/engine/dispatch/']),
  only('fastify-in-its-folder', 'One folder per driver.', 'node_modules/(@fastify/|fastify/)', [
    '^src/http/',
  ]),
  only('pino-in-its-folder', 'One folder per driver.', 'node_modules/(pino|prom-client)/', [
    '^src/telemetry/',
  ]),
];

export const OPTIONS: ICruiseOptions = {
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '^(dist|coverage|data)/' },
  tsPreCompilationDeps: true,
  tsConfig: { fileName: 'tsconfig.json' },
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    conditionNames: ['velahook-source', 'import', 'node', 'default', 'types'],
  },
};
