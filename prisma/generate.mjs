// Generates the Prisma client without a network. `prisma generate` itself needs only WebAssembly, but its command line
// insists on finding a schema engine first, and that engine would be downloaded. The variable names an existing program
// that is never run by `generate`; only this child process sees it, so `npx prisma migrate …` with a network still
// fetches and uses the real engine. Node's own path is chosen because an engine command run with it fails loudly,
// where /bin/true would "succeed" without having done anything.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const root = new URL('..', import.meta.url)
const schema = readFileSync(new URL('prisma/schema.prisma', root))
const stampFile = new URL('src/store/generated/.schema.sha256', root)

const prismaCli = (() => {
  try {
    return require.resolve('prisma/build/index.js')
  } catch {
    return undefined // installed with --omit=dev: the client must have been generated before
  }
})()
const version = require('@prisma/client/package.json').version
const stamp = createHash('sha256').update(schema).update(version).digest('hex')

if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) process.exit(0)
if (!prismaCli) {
  console.error(
    'The Prisma client is not generated and the `prisma` package is not installed: run `npm ci` without --omit=dev once.',
  )
  process.exit(1)
}

const run = spawnSync(process.execPath, [prismaCli, 'generate'], {
  cwd: root,
  encoding: 'utf8',
  env: {
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    ...process.env,
  },
})
if (run.status !== 0) {
  console.error(run.stdout, run.stderr)
  process.exit(run.status ?? 1)
}
writeFileSync(stampFile, stamp)
