import { z } from 'zod'
import type { Db } from '../store/db.ts'
import type { Seal } from '../store/secrets.ts'
import { setSetting, setting } from '../store/settings.ts'

/** The access token of one account, shared by all processes through the store: WeChat forgets the older of two. */
export interface AccessToken {
  get(): Promise<string>
  /** Another token than this one, which was refused. */
  renew(refused: string): Promise<string>
}

export interface AccessTokenDeps {
  readonly db: Db
  readonly seal: Seal
  /** The key it is kept under, sealed. */
  readonly name: string
  /** Ask for one; `force`: a new one although the present one should still be good. Throws `SendError`. */
  readonly ask: (force: boolean) => Promise<{ token: string; seconds: number }>
  readonly now: () => Date
}

const Kept = z.object({ token: z.string(), until: z.number() })
type Kept = z.infer<typeof Kept>

/** Renewed this long before it ends: two tokens are good side by side for five minutes. */
const earlyMs = 5 * 60_000

export function makeAccessToken({ db, seal, name, ask, now }: AccessTokenDeps): AccessToken {
  let asking: Promise<string> | undefined
  /** One question at a time in this process; the others wait for its answer. */
  const once = (work: () => Promise<string>): Promise<string> => {
    asking ??= work().finally(() => {
      asking = undefined
    })
    return asking
  }

  return {
    get: async () => (await kept())?.token ?? once(() => fresh(undefined)),
    renew: (refused) =>
      once(async () => {
        // Another process may have renewed it already.
        const there = await kept()
        return there && there.token !== refused ? there.token : fresh(refused)
      }),
  }

  async function kept(): Promise<Kept | undefined> {
    const value = await setting(db, name)
    if (value === undefined) return undefined
    const read = Kept.safeParse(opened(value))
    return read.success && read.data.until > now().getTime() ? read.data : undefined
  }

  function opened(value: string): unknown {
    try {
      return seal.open(value)
    } catch {
      return undefined // sealed with a key of before: ask for another
    }
  }

  async function fresh(refused: string | undefined): Promise<string> {
    let given = await ask(false)
    if (given.token === refused) given = await ask(true)
    const until = now().getTime() + given.seconds * 1_000 - earlyMs
    await setSetting(db, name, seal.seal({ token: given.token, until } satisfies Kept))
    return given.token
  }
}
