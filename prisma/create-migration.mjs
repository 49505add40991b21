// Writes the SQL of the next migration without a network: `npm run migration -- <name>`.
// The history is replayed into a scratch database of a throw-away embedded server, and Prisma's own schema engine (as
// WebAssembly) compares the result with schema.prisma. Prints nothing to do when they agree.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { register } from 'tsx/esm/api'

register()
const { schemaDifference } = await import('./schema-difference.mjs')
const { startEmbedded } = await import('../src/store/embedded.ts')
const { migrate } = await import('../src/store/migrate.ts')

const name = process.argv[2]
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  console.error('Name the migration in lower case: npm run migration -- add_something')
  process.exit(1)
}
const prismaDir = fileURLToPath(new URL('.', import.meta.url))
const migrations = join(prismaDir, 'migrations')
mkdirSync(migrations, { recursive: true })
const dir = mkdtempSync(join(tmpdir(), 'linbang-migration-'))
const server = await startEmbedded({ dir })
try {
  await migrate(server.url, migrations)
  const sql = await schemaDifference(server.url, join(prismaDir, 'schema.prisma'))
  if (sql === undefined) console.log('schema.prisma and the migrations agree: nothing to do')
  else {
    const full = `${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}_${name}`
    mkdirSync(join(migrations, full))
    writeFileSync(join(migrations, full, 'migration.sql'), sql)
    console.log(`prisma/migrations/${full}/migration.sql`)
  }
} finally {
  await server.stop()
  rmSync(dir, { recursive: true, force: true })
}
