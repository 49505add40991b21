// What the classifier adds to a process: resident memory before anything of it is loaded, and after it has worked. A process of
// its own, started by bench/classify.ts; prints one number, in bytes.
import { fileURLToPath } from 'node:url'

const settled = () => {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  return process.memoryUsage().rss
}
const before = settled()
const { readFileSync } = await import('node:fs')
const { makeCascade } = await import('../src/classify/cascade.ts')
const { readLabelled } = await import('../src/classify/corpus.ts')
const { makeLearned } = await import('../src/classify/learned.ts')
const { readModel } = await import('../src/classify/model.ts')
const { trainingFiles } = await import('../src/classify/training.ts')
const { model: file, corpusDir } = trainingFiles(fileURLToPath(new URL('..', import.meta.url)))
const model = readModel(readFileSync(file))
const classify = makeCascade({ detectors: [makeLearned(() => model)], onFailure: () => undefined })
for (const { text } of readLabelled(readFileSync(`${corpusDir}/j.jsonl`, 'utf8')).rows)
  await classify(text, { gazetteer: [] })
console.log(settled() - before)
