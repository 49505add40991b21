import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { spoken } from '../../src/domain/spoken.ts'
import { makeTranscribe } from '../../src/media/stt.ts'
import { findTools } from '../../src/media/tools.ts'
import { makeSpeak } from '../../src/media/tts.ts'
import { lengthOf, type Recordings, recordings, withoutPrograms } from '../harness/recordings.ts'
import { type SpeechService, startSpeechService } from '../harness/speech-service.ts'

describe.skipIf(withoutPrograms)('the services of speech', () => {
  let service: SpeechService
  let sound: Recordings
  const clock = { at: new Date('2026-11-23T09:00:00+08:00') }
  const now = () => clock.at
  beforeAll(async () => {
    service = await startSpeechService()
    sound = await recordings()
  })
  afterAll(() => service.stop())

  for (const fault of [400, 500, 'hangs', 'is huge', 'is no JSON'] as const) {
    it(`recognition that ${fault} is one failure, soon over, that tells nothing of what was said`, async () => {
      const settings = { baseUrl: service.url, model: 'm', apiKey: undefined, timeoutMs: 400 }
      const transcribe = makeTranscribe(settings, { now, names: async () => ['康乐', '吕岭'] })
      service.fault(fault)
      service.hears('不能出现在日志里的话')
      const failed = await transcribe({ data: sound.wav, mime: 'audio/wav' }).catch((error: unknown) => error)
      expect(failed).toBeInstanceOf(Error)
      expect(String(failed)).not.toContain('不能出现')
      service.fault(undefined)
      expect(await transcribe({ data: sound.wav, mime: 'audio/wav' })).toBe('不能出现在日志里的话')
    })
  }

  it('recognition that fails three times rests a minute, is asked once, and goes on when that is well', async () => {
    const settings = { baseUrl: service.url, model: 'm', apiKey: undefined, timeoutMs: 400 }
    const transcribe = makeTranscribe(settings, { now, names: async () => [] })
    const ask = () => transcribe({ data: sound.wav, mime: 'audio/wav' }).catch((error: Error) => error.name)
    service.fault(500)
    for (let i = 0; i < 3; i++) expect(await ask()).toBe('Error')
    const asked = service.heard.length
    expect(await ask()).toBe('SpeechResting')
    expect(service.heard.length).toBe(asked)
    clock.at = new Date(clock.at.getTime() + 61_000)
    service.fault(undefined)
    service.hears(` ${'啊'.repeat(9_000)}\u0000`)
    expect((await ask()).length).toBe(3_000)
  })

  it('synthesis falls back to the machine’s own voice, or to nothing where there is none', async () => {
    const settings = { baseUrl: service.url, model: 'm', voice: 'v', apiKey: 'k', timeoutMs: 400 }
    service.speaks(Buffer.from('<html>not a sound</html>'), 'audio/mpeg')
    const withRobot = makeSpeak(settings, { tools: findTools, now })
    const robot = await withRobot('您好，我是机器。')
    expect(robot?.mime).toBe('audio/wav')
    expect(lengthOf(robot?.data ?? Buffer.alloc(0))).toBeGreaterThan(1)
    const bare = { ffmpeg: true, sox: true, espeak: false }
    await expect(makeSpeak(settings, { tools: async () => bare, now })('您好')).rejects.toThrow('no speech')
    expect(await makeSpeak(undefined, { tools: async () => bare, now })('您好')).toBeUndefined()
    service.speaks(sound.mp3, 'audio/mpeg')
    expect((await makeSpeak(settings, { tools: async () => bare, now })('您好'))?.mime).toBe('audio/mpeg')
  })

  it('numbers, codes, times and signs are said as people say them', () => {
    const cases: [string, string][] = [
      ['编号1001，查询码402318', '编号幺零零幺，查询码四零二三幺八'],
      ['最晚今天17:30前', '最晚今天17点半前'],
      ['下午5:05见，9:00也行', '下午5点零5分见，9点也行'],
      ['打120。\n\n有3件', '打幺二零。有3件'],
      ['满意率95%', '满意率百分之95'],
      ['【机器转写】见https://a.example/b', '机器转写 见链接'],
    ]
    for (const [written, said] of cases) expect(spoken(written)).toBe(said)
  })
})
