import type { Logger } from 'pino'
import { type Model, readModel } from '../classify/model.ts'
import type { Db } from '../store/db.ts'
import { modelInUse, weightsOf } from '../store/models.ts'

/** The model this process uses: the one the district has chosen, or the one that comes with the program. */
export interface Models {
  current(): Model
  /** Look whether another was chosen. */
  refresh(): Promise<void>
}

/** A model that cannot be read (of another program version, damaged) is named once in the log, and the base is used. */
export function makeModels({ db, base, log }: { db: Db; base: Model; log: Logger }): Models {
  let current = base
  let unusable = ''
  const chosen = async (): Promise<Model> => {
    const version = (await modelInUse(db))?.version
    if (version === undefined || version === base.version || version === unusable) return base
    if (version === current.version) return current
    try {
      const written = await weightsOf(db, version)
      if (!written) throw new Error('it is not in the store')
      return readModel(written)
    } catch (error) {
      unusable = version
      log.error({ err: error, version }, 'the chosen model cannot be used; the one that came with the program is used')
      return base
    }
  }
  return {
    current: () => current,
    refresh: async () => {
      const next = await chosen()
      if (next.version !== current.version) log.info({ version: next.version }, 'another model is in use')
      current = next
    },
  }
}
