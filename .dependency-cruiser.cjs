/**
 * The house's one rule of direction: a file imports from its own room and from lower floors only.
 * Type imports count. An empty `to.path` would match everything, so a room with nothing above it gets no rule.
 */
const floors = [
  ['config-wechat.ts'],
  ['config.ts', 'domain'],
  ['http', 'store', 'queue', 'texts'],
  ['channels', 'classify'],
  ['outbox', 'requests'],
  ['notices'],
  ['inbox', 'conversation', 'dispatch', 'broadcast', 'desk', 'learning', 'media', 'rota'],
  ['app.ts', 'rehearsal'],
  ['main.ts'],
]

const at = (room) => (room.endsWith('.ts') ? `^src/${room.replace('.', '\\.')}$` : `^src/${room}/`)

const lookOnlyDown = floors.flatMap((rooms, floor) =>
  rooms.flatMap((room) => {
    const sideOrUp = floors
      .slice(floor)
      .flat()
      .filter((other) => other !== room)
    return sideOrUp.length === 0
      ? []
      : [
          {
            name: `${room}-looks-only-down`,
            severity: 'error',
            from: { path: at(room) },
            to: { path: sideOrUp.map(at) },
          },
        ]
  }),
)

module.exports = {
  forbidden: [
    ...lookOnlyDown,
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'only-app-and-main-read-config',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|app|config)\\.ts$' },
      to: { path: '^src/config\\.ts$' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^src/domain/' },
      to: {
        path: '^(node:)?(fs|net|http|https|crypto|child_process|timers|os|path)(/|$)|node_modules',
        pathNot: 'node_modules/(@types/)?(zod|luxon)(/|$)',
      },
    },
    {
      name: 'pages-know-only-the-domain',
      severity: 'error',
      from: { path: '^src/pages/' },
      to: { path: '^src/', pathNot: '^src/(pages|domain)/' },
    },
    {
      name: 'house-does-not-import-pages',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/pages/' },
      to: { path: '^src/pages/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', 'src/store/generated'] },
    tsConfig: { fileName: 'tsconfig.json' },
  },
}
