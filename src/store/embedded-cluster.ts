import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { program, type RunAs } from './embedded-binaries.ts'

/** The files of a later PostgreSQL cannot be read by an earlier one, nor the other way round. */
const major = '18'

export interface Cluster {
  readonly data: string
  readonly user: string
  readonly password: string
}

/** The PostgreSQL files in `dir`, made on the first start; a start that was cut short is begun again. */
export function makeCluster(dir: string, user: string, as: RunAs): Cluster {
  const data = join(dir, 'pgdata')
  const passwordFile = join(dir, 'password')
  const version = join(data, 'PG_VERSION')
  if (!existsSync(version)) {
    writePassword(passwordFile, as)
    initialise(data, user, passwordFile, as)
  }
  const found = readFileSync(version, 'utf8').trim()
  if (found !== major) {
    throw new Error(
      `${data} was made by PostgreSQL ${found}, this is ${major}: move the data with pg_dump of version ${found} first`,
    )
  }
  if (!existsSync(passwordFile)) throw new Error(`${passwordFile} is gone: put it back from a backup of this directory`)
  return { data, user, password: readFileSync(passwordFile, 'utf8').trim() }
}

function writePassword(file: string, as: RunAs): void {
  const draft = `${file}.new`
  writeFileSync(draft, randomBytes(18).toString('base64url'), { mode: 0o600 })
  if (as.ids.uid !== undefined && as.ids.gid !== undefined) chownSync(draft, as.ids.uid, as.ids.gid)
  renameSync(draft, file)
}

function initialise(data: string, user: string, passwordFile: string, as: RunAs): void {
  const fresh = `${data}.init`
  let said = ''
  // LC_CTYPE must be a UTF-8 one, or trigram search sees no letter in Chinese; C is the last resort.
  for (const ctype of ['C.UTF-8', 'C.utf8', 'en_US.UTF-8', 'C']) {
    rmSync(fresh, { recursive: true, force: true }) // a half-made cluster is thrown away
    const [command = '', ...args] = [
      ...as.prefix,
      program('initdb'),
      '-D',
      fresh,
      '-U',
      user,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      `--lc-ctype=${ctype}`,
      '--no-instructions',
    ]
    const run = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' }, ...as.ids })
    if (run.status === 0) {
      renameSync(fresh, data)
      return
    }
    said = run.error?.message ?? run.stderr
    if (!said.includes('locale')) break
  }
  throw new Error(`PostgreSQL could not make its data directory: ${said.trim()}`)
}
