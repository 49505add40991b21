import type { z } from 'zod'
import { maskForMachine } from '../domain/mask.ts'
import { type Breaker, makeBreaker } from './breaker.ts'
import { LlmSummary } from './llm-answer.ts'
import type { Prompt } from './prompt.ts'

/** A language model behind an OpenAI-compatible endpoint: DeepSeek, Qwen, GLM, vLLM, Ollama. */
export interface LlmSettings {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string | undefined
  /** How structured output is asked for: Chinese endpoints take `jsonMode`, vLLM and Ollama `jsonSchema` as well. */
  readonly method: 'jsonMode' | 'functionCalling' | 'jsonSchema'
  /** For everything together, retries included. */
  readonly timeoutMs: number
}

/** One question to the model, its answer checked. Rejects when there is none: too late, broken, outside the schema, resting. */
export type AskLlm<T> = (text: string) => Promise<T>

/** The model is not asked now, because it has failed several times in a row. */
export class LlmResting extends Error {
  override readonly name = 'LlmResting'
}

/** Failures in a row before it is left alone, and for how long. */
const failures = 3
const restMs = 60_000
/** Measured: 429 without Retry-After is not retried by the client itself. */
const attempts = 2
/** What is sent of a long plea: both ends. */
const longestSent = 1_200

export const makeLlmBreaker = (): Breaker => makeBreaker({ failures, restMs })

/**
 * A question with a fixed prompt. The model sees one masked message and a schema, has no tools and no memory: whatever the
 * message says, it can only be labelled.
 */
export function makeAskLlm<T>(
  settings: LlmSettings,
  prompt: Prompt,
  schema: z.ZodType<T>,
  { breaker, now }: { breaker: Breaker; now: () => Date },
): AskLlm<T> {
  let chain: Promise<(message: string, signal: AbortSignal) => Promise<unknown>> | undefined
  return async (text) => {
    if (!breaker.closed(now())) throw new LlmResting('the language model rests after several failures')
    try {
      chain ??= chainFor(settings, prompt, schema)
      const ask = await chain
      const answer = schema.parse(await ask(maskForMachine(bothEnds(text)), AbortSignal.timeout(settings.timeoutMs)))
      breaker.succeeded()
      return answer
    } catch (error) {
      breaker.failed(now())
      throw error
    }
  }
}

/** 【智能生成】 two lines on a long plea. */
export function makeSummarise(
  settings: LlmSettings,
  prompt: Prompt,
  parts: { breaker: Breaker; now: () => Date },
): AskLlm<string> {
  const ask = makeAskLlm(settings, prompt, LlmSummary, parts)
  return async (text) => (await ask(text)).summary
}

// --- internal

/** Imported only when a model is set: it is most of the program's weight. */
async function chainFor<T>(settings: LlmSettings, prompt: Prompt, schema: z.ZodType<T>) {
  const [{ ChatOpenAI }, { ChatPromptTemplate, HumanMessagePromptTemplate }, { SystemMessage }] = await Promise.all([
    import('@langchain/openai'),
    import('@langchain/core/prompts'),
    import('@langchain/core/messages'),
  ])
  const model = new ChatOpenAI({
    model: settings.model,
    apiKey: settings.apiKey ?? 'none',
    configuration: { baseURL: settings.baseUrl },
    temperature: 0,
    maxRetries: 0,
    maxTokens: 400,
    timeout: settings.timeoutMs,
  })
  const structured = model.withStructuredOutput(schema, { name: prompt.name, method: settings.method })
  // The message fills a place in the template; braces in it are text like any other.
  const chain = ChatPromptTemplate.fromMessages([
    new SystemMessage(prompt.words),
    HumanMessagePromptTemplate.fromTemplate('{message}'),
  ])
    .pipe(structured)
    .withRetry({ stopAfterAttempt: attempts, onFailedAttempt: giveUpOnRefusal })
  return (message: string, signal: AbortSignal): Promise<unknown> => chain.invoke({ message }, { signal })
}

/** A 4xx other than "too many" will be refused again. */
function giveUpOnRefusal(error: unknown): void {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  if (typeof status === 'number' && status >= 400 && status < 500 && status !== 429) throw error
}

const bothEnds = (text: string): string =>
  text.length <= longestSent ? text : `${text.slice(0, longestSent / 2)}\n……\n${text.slice(-longestSent / 2)}`
