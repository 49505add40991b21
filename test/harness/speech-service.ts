import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** The far end of the wire: a service that speaks OpenAI's `/audio/transcriptions` and `/audio/speech`, with its faults. */
export interface SpeechService {
  readonly url: string
  /** What the next recordings seem to say. */
  hears(text: string): void
  /** What `/audio/speech` answers with. */
  speaks(audio: Buffer, type: string): void
  fault(how: 400 | 500 | 'hangs' | 'is huge' | 'is no JSON' | undefined): void
  readonly heard: readonly Heard[]
  readonly spoken: readonly { readonly input: string; readonly voice: string }[]
  stop(): Promise<void>
}

export interface Heard {
  readonly model: string
  readonly language: string
  readonly prompt: string
  readonly file: { readonly name: string; readonly type: string; readonly data: Buffer }
  readonly authorization: string | undefined
}

export async function startSpeechService(): Promise<SpeechService> {
  const heard: Heard[] = []
  const spoken: { input: string; voice: string }[] = []
  let text = ''
  let audio: { data: Buffer; type: string } = { data: Buffer.alloc(0), type: 'audio/mpeg' }
  let fault: Parameters<SpeechService['fault']>[0]

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    if (request.url === '/v1/audio/transcriptions') heard.push(await transcription(request, body))
    else if (request.url === '/v1/audio/speech') spoken.push(JSON.parse(body.toString('utf8')))
    else return void response.writeHead(404).end()
    if (fault === 'hangs') return
    if (typeof fault === 'number') {
      return void response.writeHead(fault, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
    }
    if (fault === 'is huge') {
      response.writeHead(200, { 'content-type': 'application/json' })
      const piece = Buffer.alloc(1_000_000, 0x61)
      const more = () => {
        while (!response.destroyed) if (!response.write(piece)) return
      }
      response.on('drain', more)
      response.write('{"text":"')
      return more()
    }
    if (fault === 'is no JSON') return void response.writeHead(200).end('<html>')
    if (request.url.endsWith('speech')) response.writeHead(200, { 'content-type': audio.type }).end(audio.data)
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text }))
  }

  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    hears: (said) => {
      text = said
    },
    speaks: (data, type) => {
      audio = { data, type }
    },
    fault: (how) => {
      fault = how
    },
    heard,
    spoken,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

async function transcription(request: IncomingMessage, body: Buffer): Promise<Heard> {
  const type = request.headers['content-type'] ?? ''
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData()
  const word = (name: string) => String(form.get(name) ?? '')
  const file = form.get('file')
  if (!(file instanceof File)) throw new Error('a transcription wants a file')
  return {
    model: word('model'),
    language: word('language'),
    prompt: word('prompt'),
    file: { name: file.name, type: file.type, data: Buffer.from(await file.arrayBuffer()) },
    authorization: request.headers.authorization,
  }
}
