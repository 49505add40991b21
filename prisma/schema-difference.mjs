// What SQL would bring a live database to schema.prisma; `undefined` when they agree. Prisma's schema engine as
// WebAssembly through the pg driver adapter: no engine binary, no network. Used to write migrations and to detect drift.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

/**
 * Indexes that a migration made by hand and schema.prisma does not name: not to be dropped by the next one. (Partial ones
 * need no entry: the engine does not look at them.)
 */
const byHand = ['offer_latest']

/** PostgreSQL's `"char"`, which introspection returns and the adapter does not know. */
const charOid = 18
const textOid = 25

export async function schemaDifference(url, schemaFile) {
  loadEngine()
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const schema = { files: [{ path: schemaFile, content: inWordsOfTheEngine(readFileSync(schemaFile, 'utf8')) }] }
  const factory = new PrismaPg(pool)
  for (const method of ['connect', 'connectToShadowDb']) {
    const connect = factory[method].bind(factory)
    factory[method] = async () => knowingChar(await connect())
  }
  const bound = bindMigrationAwareSqlAdapterFactory(factory)
  const schemaEngine = await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, bound)
  try {
    const { exitCode, stdout } = await schemaEngine.diff({
      from: { tag: 'schemaDatasource', configDir: '', ...schema },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    })
    const sql = exitCode === 2 ? withoutDropping(byHand, stdout) : ''
    return sql === '' ? undefined : sql
  } finally {
    schemaEngine.free()
    // The engine takes an advisory lock on a pooled connection and keeps it: end the pool at once.
    await pool.end()
  }
}

/** Every default of `nextval` is an autoincrement to the engine; called anything else it would drop the sequence. */
const inWordsOfTheEngine = (schema) => schema.replace(/dbgenerated\("nextval\('\w+'\)"\)/g, 'autoincrement()')

const withoutDropping = (indexes, sql) =>
  indexes.reduce((rest, index) => rest.replace(`-- DropIndex\nDROP INDEX "${index}";\n`, ''), sql).trimStart()

let loaded = false
function loadEngine() {
  if (loaded) return
  loaded = true
  globalThis.PRISMA_WASM_PANIC_REGISTRY ??= {
    message: '',
    get() {
      return this.message
    },
    set_message(message) {
      this.message = message
    },
  }
  const require = createRequire(import.meta.url)
  const wasm = join(dirname(require.resolve('@prisma/schema-engine-wasm')), 'schema_engine_bg.wasm')
  const module = new WebAssembly.Module(readFileSync(wasm))
  const { exports } = new WebAssembly.Instance(module, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(exports)
  exports.__wbindgen_start()
}

function knowingChar(adapter) {
  const performIO = adapter.performIO.bind(adapter)
  const queryRaw = adapter.queryRaw.bind(adapter)
  let isChar = []
  adapter.performIO = async (query) => {
    const result = await performIO(query)
    isChar = result.fields.map((field) => field.dataTypeID === charOid)
    for (const field of result.fields) if (field.dataTypeID === charOid) field.dataTypeID = textOid
    return result
  }
  adapter.queryRaw = async (query) => {
    const result = await queryRaw(query)
    for (const [i, char] of isChar.entries()) if (char) result.columnTypes[i] = ColumnTypeEnum.Character
    return result
  }
  return adapter
}
