import { newId } from './talk.ts'

/** One tap begins, one tap ends and sends: a recording of at most a minute, kept until it has arrived. */
export interface RecordParts {
  readonly button: HTMLButtonElement
  readonly words: {
    readonly record: string
    readonly recordStop: string
    readonly recording: string
    readonly recordingSending: string
    readonly recordingSent: string
    readonly recordingKept: string
    readonly noMicrophone: string
    readonly failed: string
  }
  readonly tell: (text: string) => void
}

const longestMs = 60_000
const againMs = 3_000
const formats = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4']

export const canRecord = (): boolean =>
  typeof MediaRecorder === 'function' && navigator.mediaDevices?.getUserMedia !== undefined

export function recordWith({ button, words, tell }: RecordParts): void {
  const unsent: { id: string; sound: Blob }[] = []
  let recorder: MediaRecorder | undefined
  let sending = false

  button.addEventListener('click', () => (recorder ? recorder.stop() : void begin()))
  addEventListener('online', () => void flush())

  async function begin(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, noiseSuppression: true, echoCancellation: true },
      })
      const mimeType = formats.find((format) => MediaRecorder.isTypeSupported(format))
      recorder = new MediaRecorder(stream, { ...(mimeType ? { mimeType } : {}), audioBitsPerSecond: 24_000 })
      listen(recorder, stream)
    } catch {
      tell(words.noMicrophone)
    }
  }

  function listen(from: MediaRecorder, stream: MediaStream): void {
    const pieces: Blob[] = []
    const end = setTimeout(() => from.stop(), longestMs)
    from.ondataavailable = (event) => pieces.push(event.data)
    from.onstop = () => {
      clearTimeout(end)
      for (const track of stream.getTracks()) track.stop()
      recorder = undefined
      show(false)
      unsent.push({ id: newId(), sound: new Blob(pieces, { type: from.mimeType }) })
      tell(words.recordingSending)
      void flush()
    }
    from.start()
    show(true)
    tell(words.recording)
  }

  function show(on: boolean): void {
    button.setAttribute('aria-pressed', String(on))
    button.textContent = on ? words.recordStop : words.record
  }

  async function flush(): Promise<void> {
    if (sending) return
    sending = true
    for (let next = unsent[0]; next; next = unsent[0]) {
      if ((await post(next.id, next.sound)) === 'later') break
      unsent.shift()
    }
    sending = false
  }

  async function post(id: string, sound: Blob): Promise<'done' | 'later'> {
    try {
      const headers = { 'content-type': sound.type.split(';')[0] ?? '' }
      const response = await fetch(`/chat/media?id=${id}`, { method: 'POST', headers, body: sound })
      if (response.ok) {
        tell(words.recordingSent)
        return 'done'
      }
      const { message } = (await response.json().catch(() => ({}))) as { message?: string }
      tell(message ?? words.failed)
      if (response.status < 500 && response.status !== 429) return 'done'
    } catch {
      tell(words.recordingKept)
    }
    setTimeout(() => void flush(), againMs)
    return 'later'
  }
}
