// What SQL would bring a live database to schema.prisma; `undefined` when they agree. Prisma's schema engine as
// WebAssembly through the pg driver adapter: no engine binary, no network. Used to write migrations and to detect drift.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'

/** PostgreSQL's `"char"`, which introspection returns and the adapter does not know. */
const charOid = 18
const textOid = 25

export async function schemaDifference(url, schemaFile) {
  loadEngine()
  const pool = new pg.Pool({ connectionString: url, max: 2 })
  const schema = { files: [{ path: schemaFile, content: readFileSync(schemaFile, 'utf8') }] }
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
    return exitCode === 2 ? stdout : undefined
  } finally {
    schemaEngine.free()
    // The engine takes an advisory lock on a pooled connection and keeps it: end the pool at once.
    await pool.end()
  }
}

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
