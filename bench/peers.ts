import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Another classifier: taught once, then asked for one label a text. Each is given what it does best: characters as words. */
export type Peer = (taught: readonly { text: string; label: string }[]) => Promise<(text: string) => Promise<string>>

const require = createRequire(new URL('peers/package.json', import.meta.url))
const spaced = (text: string): string => [...text.replace(/\s+/g, '')].join(' ')

export const nlpjs: Peer = async (taught) => {
  const { containerBootstrap } = require('@nlpjs/core-loader') as { containerBootstrap: () => Promise<Container> }
  const { Nlp } = require('@nlpjs/nlp') as { Nlp: new (settings: object) => NlpJs }
  const { LangZh } = require('@nlpjs/lang-zh') as { LangZh: new () => object }
  const container = await containerBootstrap()
  container.use(LangZh)
  const nlp = new Nlp({
    container,
    languages: ['zh'],
    autoSave: false,
    autoLoad: false,
    nlu: { log: false, useNoneFeature: false },
  })
  for (const { text, label } of taught) nlp.addDocument('zh', text, label)
  await nlp.train()
  return async (text) => (await nlp.process('zh', text)).intent
}

export const natural: Peer = async (taught) => {
  const { BayesClassifier } = require('natural/lib/natural/classifiers') as { BayesClassifier: new () => Bayes }
  const bayes = new BayesClassifier()
  const bigrams = (text: string) => {
    const chars = [...text]
    return [...chars, ...chars.slice(1).map((char, i) => `${chars[i] ?? ''}${char}`)]
  }
  for (const { text, label } of taught) bayes.addDocument(bigrams(text), label)
  bayes.train()
  return async (text) => bayes.classify(bigrams(text))
}

export const fastText: Peer = async (taught) => {
  const main = fileURLToPath(new URL('peers/node_modules/fasttext.wasm.js/dist/main/node.mjs', import.meta.url))
  const { getFastTextModule, getFastTextClass } = (await import(main)) as FastTextMain
  const FastText = await getFastTextClass({ getFastTextModule })
  const lines = taught.map(({ text, label }) => `__label__${label} ${spaced(text)}`).join('\n')
  const url = `data:text/plain;base64,${Buffer.from(`${lines}\n`).toString('base64')}`
  const model = await new FastText().trainSupervised(
    url,
    { epoch: 50, lr: 0.5, wordNgrams: 2, dim: 50, minCount: 1, bucket: 50_000, loss: 'softmax' },
    () => undefined,
  )
  return async (text) => {
    const found = model.predict(`${spaced(text)} `, 1, 0)
    return found.size() === 0 ? '' : found.get(0)[1].replace('__label__', '')
  }
}

// --- the peers' shapes, as far as they are used here

interface Container {
  use(plugin: unknown): void
}
interface NlpJs {
  addDocument(language: string, text: string, label: string): void
  train(): Promise<void>
  process(language: string, text: string): Promise<{ intent: string }>
}
interface Bayes {
  addDocument(tokens: string[], label: string): void
  train(): void
  classify(tokens: string[]): string
}
interface FastTextMain {
  getFastTextModule: unknown
  getFastTextClass(parts: { getFastTextModule: unknown }): Promise<new () => FastTextTrainer>
}
interface FastTextTrainer {
  trainSupervised(url: string, settings: object, onStep: () => void): Promise<FastTextModel>
}
interface FastTextModel {
  predict(text: string, labels: number, from: number): { size(): number; get(i: number): [number, string] }
}
