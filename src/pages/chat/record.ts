/** One tap begins, one tap ends and sends: a recording of at most a minute. */
export interface RecordParts {
  readonly button: HTMLButtonElement
  readonly words: {
    readonly record: string
    readonly recordStop: string
    readonly recording: string
    readonly noMicrophone: string
  }
  readonly tell: (text: string) => void
  readonly give: (recording: Blob) => void
}

const longestMs = 60_000
const formats = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4']

export const canRecord = (): boolean =>
  typeof MediaRecorder === 'function' && navigator.mediaDevices?.getUserMedia !== undefined

/** Gives back how to end a recording that nobody is to hear; that answers whether one was going on. */
export function recordWith({ button, words, tell, give }: RecordParts): () => boolean {
  let recorder: MediaRecorder | undefined
  let asking = false
  let dropped = false

  button.addEventListener('click', () => (recorder ? recorder.stop() : void begin()))

  async function begin(): Promise<void> {
    if (asking) return // a second tap while the browser asks about the microphone
    asking = true
    dropped = false
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, noiseSuppression: true, echoCancellation: true },
      })
      if (dropped) return end(stream)
      const mimeType = formats.find((format) => MediaRecorder.isTypeSupported(format))
      recorder = new MediaRecorder(stream, { ...(mimeType ? { mimeType } : {}), audioBitsPerSecond: 24_000 })
      listen(recorder, stream)
    } catch {
      tell(words.noMicrophone)
    } finally {
      asking = false
    }
  }

  function listen(from: MediaRecorder, stream: MediaStream): void {
    const pieces: Blob[] = []
    const enough = setTimeout(() => from.stop(), longestMs)
    from.ondataavailable = (event) => pieces.push(event.data)
    from.onstop = () => {
      clearTimeout(enough)
      end(stream)
      recorder = undefined
      show(false)
      if (!dropped) give(new Blob(pieces, { type: from.mimeType }))
    }
    from.start()
    show(true)
    tell(words.recording)
  }

  function end(stream: MediaStream): void {
    for (const track of stream.getTracks()) track.stop()
  }

  function show(on: boolean): void {
    button.setAttribute('aria-pressed', String(on))
    button.textContent = on ? words.recordStop : words.record
  }

  return () => {
    dropped = true
    const going = recorder !== undefined
    recorder?.stop()
    return going
  }
}
