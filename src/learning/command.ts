import type { Db } from '../store/db.ts'
import { listModels, type ModelRow, modelInUse, setModelInUse, weightsOf } from '../store/models.ts'
import type { Retrained } from './retrain.ts'

/** `linbang train` and `linbang model list|use`: what is printed, and the exit code. */

export async function trainCommand(retrain: () => Promise<Retrained>, print: (line: string) => void): Promise<number> {
  const { version, lessons, scores, refused } = await retrain()
  print(`${version}: trained from the corpus and ${lessons} corrected requests`)
  print(scoresInWords({ ...scores, ...scores.heads }))
  print(refused === undefined ? 'It is in use from now on.' : `It is kept but not used: ${refused}.`)
  return refused === undefined ? 0 : 1
}

export async function modelCommand(
  [what = 'list', version]: readonly string[],
  { db, base, print }: { db: Db; base: string; print: (line: string) => void },
): Promise<number> {
  if (what === 'list') return list(db, base, print)
  if (what !== 'use' || version === undefined) {
    print('linbang model list | linbang model use <version|base|newest>')
    return 2
  }
  if (version === 'base' || version === base) {
    await setModelInUse(db, { version: base, chosen: true })
    print(`${base} (came with the program) is in use within ten seconds, until you choose another.`)
    return 0
  }
  const models = await listModels(db)
  const found =
    version === 'newest'
      ? models.find((m) => m.refused === null && m.base === base)
      : models.find((m) => m.version === version)
  if (!found || (await weightsOf(db, found.version)) === undefined) {
    print(`There is no model "${version}". linbang model list shows what there is.`)
    return 1
  }
  if (found.base !== base) {
    print(`${found.version} was trained by another version of Linbang and cannot be read by this one.`)
    return 1
  }
  await setModelInUse(db, { version: found.version, chosen: version !== 'newest' })
  print(
    version === 'newest'
      ? `${found.version} is in use within ten seconds; newer ones follow by themselves.`
      : `${found.version} is in use within ten seconds, until you choose another (linbang model use newest).`,
  )
  return 0
}

// --- internal

async function list(db: Db, base: string, print: (line: string) => void): Promise<number> {
  const used = await modelInUse(db)
  const models = await listModels(db)
  const inUse = models.some((m) => m.version === used?.version && m.base === base) ? used?.version : base
  const mark = (version: string) => (version === inUse ? '*' : ' ')
  print(`${mark(base)} ${base}  came with the program`)
  for (const model of models.filter((m) => m.version !== base)) print(`${mark(model.version)} ${lineFor(model)}`)
  print('* in use')
  return 0
}

const lineFor = ({ version, trainedAt, corrections, refused, scores }: ModelRow): string =>
  `${version}  ${trainedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC  ${corrections} corrections  ${scoresInWords(scores)}${
    refused === null ? '' : `  not used: ${refused}`
  }`

function scoresInWords(scores: unknown): string {
  const heads = typeof scores === 'object' && scores !== null && 'heads' in scores ? scores.heads : scores
  const shown = typeof heads === 'object' && heads !== null ? Object.entries(heads) : []
  return shown.flatMap(([head, f1]) => (typeof f1 === 'number' ? [`${head} ${f1.toFixed(3)}`] : [])).join(', ')
}
