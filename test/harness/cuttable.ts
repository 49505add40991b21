import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A line to a server that can be cut, as networks are: at once, while something is being sent, or before the answer is back. */
export interface Cuttable {
  readonly url: string
  cut(how: Cut): void
  /** Connections that broke with a part of an upload sent. */
  broken(): number
  close(): Promise<void>
}
type Cut = 'not' | 'whole' | 'in the middle of what is sent' | 'what comes back'

export async function cuttable(to: URL): Promise<Cuttable> {
  let how: Cut = 'not'
  let broken = 0
  const lines = new Set<Socket>()
  const server = createServer((near) => {
    if (how === 'whole') return near.destroy()
    const far = connect(Number(to.port), to.hostname)
    const end = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) {
      lines.add(socket)
      socket.on('error', end).on('close', () => {
        lines.delete(socket)
        end()
      })
    }
    let uploading = false
    near.on('data', (data) => {
      uploading ||= data.includes('POST /chat/media')
      if (how === 'in the middle of what is sent' && uploading) {
        broken++
        far.write(data.subarray(0, -100))
        return setTimeout(end, 20)
      }
      return far.write(data)
    })
    far.on('data', (data) => (how === 'what comes back' && uploading ? end() : near.write(data)))
  })
  await new Promise<void>((ready) => server.listen(0, 'localhost', ready))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    cut: (next) => {
      how = next
      if (how === 'whole') for (const line of lines) line.destroy()
    },
    broken: () => broken,
    close: async () => {
      for (const line of lines) line.destroy()
      await new Promise((closed) => server.close(closed))
    },
  }
}
