import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

/** The far end of the wire: an OpenAI-compatible server on this machine that answers as it is told. */
export interface LlmServer {
  readonly baseUrl: string
  /** Bodies of the requests so far, newest last. */
  readonly heard: readonly Heard[]
  /** What the next requests are answered with, in order; the last one stays. */
  answers(...answers: readonly LlmAnswer[]): void
  stop(): Promise<void>
}

export interface Heard {
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  readonly response_format?: { readonly type: string }
  readonly tools?: readonly unknown[]
}

/** `says`: the content of an answer; `fails`: an HTTP status; `hangs`: no answer ever. */
export type LlmAnswer = { readonly says: string } | { readonly fails: number } | 'hangs'

export async function startLlm(): Promise<LlmServer> {
  let next: readonly LlmAnswer[] = [{ fails: 500 }]
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8')
    })
    request.on('end', () => {
      const asked = JSON.parse(body) as Heard
      heard.push(asked)
      const [answer = 'hangs', ...rest] = next
      if (rest.length > 0) next = rest
      reply(response, answer, asked)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address !== 'object') throw new Error('no port')
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    heard,
    answers: (...answers) => {
      next = answers
    },
    stop: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function reply(response: ServerResponse, answer: LlmAnswer, asked: Heard): void {
  if (answer === 'hangs') return
  response.setHeader('content-type', 'application/json')
  if ('fails' in answer) {
    response.statusCode = answer.fails
    response.end(JSON.stringify({ error: { message: 'told to fail', type: 'test' } }))
    return
  }
  const call = { id: 'call_1', type: 'function', function: { name: 'classify', arguments: answer.says } }
  const message = asked.tools
    ? { role: 'assistant', content: null, tool_calls: [call] }
    : { role: 'assistant', content: answer.says }
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  const choices = [{ index: 0, message, finish_reason: asked.tools ? 'tool_calls' : 'stop' }]
  response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 0, model: 'test', choices, usage }))
}
