import tseslint from 'typescript-eslint';

/** What a room may not reach into. The arrows of the README, held by the linter. */
const walls = [
  {
    room: ['server/domain/**'],
    forbidden: [
      '**/services/**',
      '**/storage/**',
      '**/queues/**',
      '**/doors/**',
      '**/intake/**',
      '**/delivery/**',
      '**/catalog/search*',
      '**/config.js',
      'knex',
      'pg',
      'bullmq',
      'ioredis',
      '@connectrpc/*',
      '@grpc/*',
      'node:fs',
      'node:fs/promises',
      'node:net',
      'pino',
    ],
    why: 'Domain rules are pure: no transport, SQL, queue, clock or environment.',
  },
  {
    room: ['server/storage/**'],
    forbidden: ['**/services/**', '**/queues/**', '**/doors/**', '**/intake/**', '**/delivery/**'],
    why: 'Storage knows the domain and the database, nothing above.',
  },
  {
    room: ['server/intake/**'],
    forbidden: ['**/services/**', '**/queues/**', '**/doors/**', '**/delivery/**'],
    why: 'What is accepted does not depend on how it is delivered or who brought it.',
  },
  {
    room: ['server/services/**'],
    forbidden: ['**/queues/**', 'bullmq', 'ioredis', '@grpc/*', '@connectrpc/*'],
    why: 'Services neither queue nor know a transport.',
  },
  {
    room: ['clients/**'],
    forbidden: ['**/server/**'],
    why: 'Clients know the contract only.',
  },
  {
    room: ['cli/**'],
    forbidden: [
      '**/server/services/**',
      '**/server/storage/**',
      '**/server/intake/**',
      '**/server/doors/**',
      'knex',
      'pg',
      'bullmq',
    ],
    why: 'A command reaches a node by its contract.',
  },
  {
    room: ['console/**'],
    forbidden: [
      '**/server/*',
      '!**/server/reference',
      '**/server/reference/*',
      '!**/server/reference/nodes.js',
      '**/cli/**',
      'node:*',
    ],
    why: 'The console runs in a browser and reaches a node by its contract.',
  },
];

export default tseslint.config(
  { ignores: ['proto/gen/**', 'node_modules/**', '**/dist/**'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { varsIgnorePattern: '^_', argsIgnorePattern: '^_' },
      ],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  ...walls.map(({ room, forbidden, why }) => ({
    files: room,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: forbidden, message: why }] }],
      'no-restricted-globals': [
        'error',
        ...(room[0] === 'server/domain/**' ? [{ name: 'process', message: why }] : []),
      ],
    },
  })),
  {
    files: ['server/**'],
    ignores: ['server/main.ts', 'server/config.ts', 'server/postgres/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'Only server/config.ts reads the environment.',
        },
      ],
    },
  },
  {
    files: ['server/domain/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        ...[
          ['Date', 'now'],
          ['performance', 'now'],
          ['Math', 'random'],
        ].map(([object, property]) => ({ object, property, message: walls[0].why })),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: walls[0].why,
        },
      ],
    },
  },
  { files: ['test/**'], rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  {
    files: ['demo/**', 'reference/build/**', 'reference/*.ts', 'bench/**', 'clients/examples/**'],
    rules: { 'no-console': 'off' },
  },
);
