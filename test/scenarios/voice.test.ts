import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { lengthOf, longRecording, type Recordings, recordings, withoutPrograms } from '../harness/recordings.ts'
import { type SpeechService, startSpeechService } from '../harness/speech-service.ts'

let sound: Recordings
let long: Buffer
beforeAll(async () => {
  if (withoutPrograms) return
  sound = await recordings()
  long = longRecording(700)
})

describe.skipIf(withoutPrograms)('a recording, where speech recognition is set', () => {
  let speech: SpeechService
  let linbang: Linbang
  let coordinator: Phone
  beforeAll(async () => {
    speech = await startSpeechService()
    const stt = { STT_BASE_URL: speech.url, STT_DOMESTIC: '1', STT_API_KEY: 'key', STT_TIMEOUT_MS: '1000' }
    linbang = await startLinbang({ env: stt })
    coordinator = await linbang.coordinator()
  })
  afterEach(() => speech.fault(undefined))
  afterAll(async () => {
    await linbang.stop()
    await speech.stop()
  })
  const newestRequest = () => linbang.db.helpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })

  it('is passed on as it is, read back, and decides nothing until the resident says yes', async () => {
    const resident = await linbang.resident()
    speech.hears('我爸刚出院没人照顾,家里没饭吃')
    await resident.sends(sound.webm, 'audio/webm')
    await resident.sees('收到您的语音')
    expect((await coordinator.opens(await coordinator.sees(/^语音$/))).status).toBe(200)
    const marked = await coordinator.sees('没人照顾')
    expect(marked.text).toContain('机器转写，可能有错')
    await resident.sees('我听到的是')
    const wordsOf = async (id: number) => (await newestRequestWords(linbang, id)).join()
    const { id } = await newestRequest()
    expect(await wordsOf(id)).not.toContain('没人照顾')
    await resident.says('对')
    await resident.sees('已经补充')
    expect(await wordsOf(id)).toContain('没人照顾')

    const heard = speech.heard.at(-1)
    expect(heard).toMatchObject({ language: 'zh', model: 'sensevoice', authorization: 'Bearer key' })
    expect(heard?.file.type).toBe('audio/wav')
    expect(heard?.prompt).toContain('吕岭')
    expect(lengthOf(heard?.file.data ?? Buffer.alloc(0))).toBeCloseTo(lengthOf(sound.webm), 0)
  })

  it('that was heard wrongly changes nothing, and a second one is read back with it', async () => {
    const resident = await linbang.resident()
    speech.hears('今天天气真好')
    await resident.sends(sound.m4a, 'audio/mp4')
    await resident.sees('今天天气真好')
    await resident.taps('不对')
    const { id, ownerId, nextDeadline } = await newestRequest()
    const { name } = await linbang.db.staff.findUniqueOrThrow({ where: { id: ownerId } })
    expect((await resident.sees('不照这个记')).text).toMatch(new RegExp(`${name}会听您的语音，最晚.*[点分]前`))
    expect(nextDeadline).toEqual(expect.any(Date))
    expect(await newestRequestWords(linbang, id)).toEqual([])
    // The old question is dead.
    expect(await resident.tapsToken('q:heard:yes')).toBe(202)
    await resident.sees('过时')
    speech.hears('我要找人陪我去医院')
    await resident.sends(sound.m4a, 'audio/mp4')
    await resident.sees('陪我去医院')
    speech.hears('明天早上')
    await resident.sends(sound.m4a, 'audio/mp4')
    const both = await resident.sees('明天早上')
    expect(both.text).toContain('陪我去医院')
    await resident.taps('对')
    await resident.sees('已经补充')
    expect((await newestRequestWords(linbang, id)).join()).toMatch(/陪我去医院[\s\S]*明天早上/)
  })

  it('answers a question of the intake once it was confirmed', async () => {
    const resident = await linbang.resident()
    await resident.says('我妈80岁了，在家没人照顾')
    await resident.sees('可以记下吗')
    await resident.taps('可以')
    await resident.sees('哪个社区')
    speech.hears('吕岭社区')
    await resident.sends(sound.ogg, 'audio/ogg')
    await resident.sees('我听到的是')
    await resident.says('1')
    await resident.sees('怎么找您方便')
    const { communityId } = await newestRequest()
    expect(communityId).not.toBeNull()
  })

  /** In the middle of the questions: which community? */
  async function inTheMiddle(): Promise<Phone> {
    const resident = await linbang.resident()
    await resident.says('我妈80岁了，在家没人照顾')
    await resident.sees('可以记下吗')
    await resident.taps('可以')
    await resident.sees('哪个社区')
    return resident
  }
  /** Somebody with a name has it, by a time that the resident was told. */
  async function handedTo(resident: Phone, words: string | RegExp): Promise<void> {
    const told = await resident.sees(words)
    const { ownerId, status, deadlineKind, nextDeadline, communityId } = await newestRequest()
    const { name } = await linbang.db.staff.findUniqueOrThrow({ where: { id: ownerId } })
    expect(told.text).toMatch(new RegExp(`${name}[\\s\\S]*最晚.*前`))
    expect([status, deadlineKind, communityId]).toEqual(['triage', 'triage', null])
    expect(nextDeadline?.getTime()).toBeGreaterThan(linbang.clock.now().getTime())
    expect(await linbang.orphans()).toBe(0)
  }

  it('in which nothing is heard goes to a person by name, also in the middle of the questions', async () => {
    const resident = await inTheMiddle()
    speech.hears('')
    await resident.sends(sound.ogg, 'audio/ogg')
    await resident.sees('收到您的语音')
    await handedTo(resident, '听不出')
    expect((await coordinator.opens(await coordinator.sees(/语音$/))).status).toBe(200)
  })

  it('that was heard wrongly in the middle of the questions ends them: a person listens', async () => {
    const resident = await inTheMiddle()
    speech.hears('绿林社区')
    await resident.sends(sound.ogg, 'audio/ogg')
    await resident.sees('绿林社区')
    await resident.taps('不对')
    await handedTo(resident, '听不出')
  })

  it('whose sender never answers is handed on by the ladder, with the recording and without its words', async () => {
    const resident = await inTheMiddle()
    speech.hears('吕岭社区')
    await resident.sends(sound.ogg, 'audio/ogg')
    await resident.sees('我听到的是')
    for (let i = 0; i < 2; i++) {
      linbang.clock.forward({ minutes: 31 })
      await resident.sees('还没说完')
    }
    linbang.clock.forward({ minutes: 31 })
    await handedTo(resident, '已经转给')
    expect((await newestRequestWords(linbang, (await newestRequest()).id)).join()).not.toContain('吕岭')
  })

  it('of twelve minutes is passed on whole, and what is read of it has an end', async () => {
    const resident = await linbang.resident()
    speech.hears('我要说的话很长'.repeat(1_000))
    await resident.sends(long, 'audio/ogg')
    await resident.sees('收到您的语音')
    const opened = await coordinator.opens(await coordinator.sees(/^语音$/), 'as=recorded')
    expect(Buffer.from(await opened.arrayBuffer()).equals(long)).toBe(true)
    await expect.poll(async () => (await newestRequest()).status, { timeout: 10_000 }).toBe('triage')
    expect(await linbang.orphans()).toBe(0)
  })

  it('that is broken is refused in words, and who sent it has a person all the same', async () => {
    const resident = await linbang.resident()
    const broken = Buffer.concat([sound.ogg.subarray(0, 60), Buffer.alloc(4_000, 0x5a)])
    await resident.sends(broken, 'audio/ogg')
    await handedTo(resident, '已经转给')
    expect((await coordinator.opens(await coordinator.sees(/语音$/))).status).toBe(200)
  })

  it('that tells of danger is answered at once whatever the machine made of the rest (1)', async () => {
    const resident = await linbang.resident()
    speech.hears('阿嬷跋倒了,脚袂振动,起不来')
    await resident.sends(sound.amr, 'audio/amr')
    const answer = await resident.sees('身边有人吗')
    expect(answer.text).toContain('120')
    await coordinator.sees('危急')
    const request = await newestRequest()
    expect([request.urgency, request.deadlineKind]).toEqual(['crisis', expect.any(String)])
    // The door has raised the alarm; the turn behind it adds what was heard.
    const words = async () => (await newestRequestWords(linbang, request.id)).join()
    await expect.poll(words, { timeout: 15_000 }).toContain('机器转写，可能有错')
    await resident.seesNothingLike('我听到的是')
    expect(await linbang.orphans()).toBe(0)
  })

  it('for a worker who has taken the request comes with its text, and the resident is not questioned', async () => {
    const resident = await linbang.resident()
    await resident.says('人工')
    await resident.sees('已经转给')
    const { number } = await newestRequest()
    await coordinator.says(`接 ${number}`)
    await coordinator.sees('由您负责')
    speech.hears('我的身份证是11010519491231002X,电话13800138000')
    await resident.sends(sound.ogg, 'audio/ogg')
    const marked = await coordinator.sees('机器转写')
    expect(marked.text).not.toMatch(/110105|138001/)
    await resident.seesNothingLike('我听到的是')
  })

  it('is heard by a person when the service does not answer', async () => {
    speech.fault('hangs')
    const before = speech.heard.length
    const resident = await linbang.resident()
    await resident.sends(sound.ogg, 'audio/ogg')
    await resident.sees('收到您的语音')
    expect((await coordinator.opens(await coordinator.sees(/^语音$/))).status).toBe(200)
    await expect.poll(() => speech.heard.length, { timeout: 10_000 }).toBeGreaterThan(before)
    const { nextDeadline, ownerId } = await newestRequest()
    expect([nextDeadline, ownerId]).toEqual([expect.any(Date), expect.any(Number)])
    await resident.seesNothingLike('我听到的是')
  })

  it('is tried again later, then left to the people; the service is left alone after three failures', async () => {
    linbang.clock.forward({ minutes: 5 })
    speech.fault(undefined)
    speech.hears('恢复以后听到的话')
    // What failed in the tests before is due again by now.
    await expect
      .poll(() => linbang.db.attachment.count({ where: { transcription: 'wanted' } }), { timeout: 20_000 })
      .toBe(0)
    expect(await linbang.db.attachment.count({ where: { transcription: 'done' } })).toBeGreaterThanOrEqual(6)
    speech.fault(500)
    const resident = await linbang.resident()
    const before = speech.heard.length
    for (let i = 0; i < 6; i++) await resident.sends(sound.ogg, 'audio/ogg')
    await expect.poll(() => speech.heard.length - before, { timeout: 10_000 }).toBeGreaterThanOrEqual(3)
    await resident.seesNothingLike('我听到的是')
    expect(speech.heard.length - before).toBeLessThanOrEqual(4)
    for (let i = 0; i < 8; i++) {
      linbang.clock.forward({ minutes: 6 })
      await new Promise((done) => setTimeout(done, 400))
    }
    await expect
      .poll(() => linbang.db.attachment.count({ where: { transcription: 'wanted' } }), { timeout: 20_000 })
      .toBe(0)
    expect(await linbang.db.attachment.count({ where: { transcription: 'failed' } })).toBeGreaterThanOrEqual(6)
  })
})

describe.skipIf(withoutPrograms)('a recording, where nothing can write it down', () => {
  it('goes to a person who listens; in the middle of the questions too', async () => {
    const linbang = await startLinbang()
    try {
      const coordinator = await linbang.coordinator()
      const resident = await linbang.resident()
      await resident.says('我妈80岁了，在家没人照顾')
      await resident.sees('可以记下吗')
      await resident.taps('可以')
      await resident.sees('哪个社区')
      await resident.sends(sound.silk, 'audio/silk')
      await resident.sees('来听')
      const { status, deadlineKind } = await linbang.db.helpRequest.findFirstOrThrow()
      expect([status, deadlineKind]).toEqual(['triage', 'triage'])
      const shown = await coordinator.sees(/语音$/)
      const opened = await coordinator.opens(shown)
      expect(opened.headers.get('content-type')).toBe('audio/mpeg')
      expect(lengthOf(Buffer.from(await opened.arrayBuffer()))).toBeCloseTo(lengthOf(sound.wav), 0)
      const ready = (await (await fetch(`${linbang.url}/readyz`)).json()) as { ok: boolean; missing: string[] }
      expect(ready).toEqual({ ok: true, missing: ['speech recognition', 'virus scanner'] })
    } finally {
      await linbang.stop()
    }
  })
})

describe.skipIf(withoutPrograms)('a recording of which nobody has read a word', () => {
  it('is offered first to somebody who understands Minnan', async () => {
    const linbang = await startLinbang()
    try {
      const coordinator = await linbang.coordinator()
      const elder = await linbang.resident()
      await elder.sends(sound.m4a, 'audio/mp4')
      expect((await elder.sees('收到您的语音')).text).toContain('120')
      await coordinator.sees('发的是语音')
      await coordinator.taps('居家养老')
      await expect.poll(() => linbang.db.offer.count(), { timeout: 15_000 }).toBeGreaterThan(0)
      const offer = await linbang.db.offer.findFirstOrThrow({ include: { staff: true } })
      expect(offer.staff.skills).toContain('minnan')
      expect(offer.reasons).toContain('会讲闽南话')
    } finally {
      await linbang.stop()
    }
  })
})

describe.skipIf(withoutPrograms)('念给我听', () => {
  it('what was said comes once more as speech, said to be a machine’s', async () => {
    const speech = await startSpeechService()
    speech.speaks(sound.mp3, 'audio/mpeg')
    const linbang = await startLinbang({ env: { TTS_BASE_URL: speech.url, TTS_DOMESTIC: '1', TTS_VOICE: 'xiaomei' } })
    try {
      const resident = await linbang.resident()
      await resident.says('人工')
      await resident.sees('已经转给')
      await linbang.db.person.updateMany({ where: { staff: null }, data: { readAloud: true } })
      const about = () => speech.spoken.find(({ input }) => input.includes('转给'))
      await expect.poll(about, { timeout: 15_000 }).toBeDefined()
      const { number } = await linbang.db.helpRequest.findFirstOrThrow()
      await resident.says('进度')
      await resident.sees(`求助${number}`)
      const status = () => speech.spoken.find(({ input }) => input.includes('求助幺'))
      await expect.poll(status, { timeout: 15_000 }).toBeDefined()
      expect(status()).toMatchObject({ voice: 'xiaomei', input: expect.stringMatching(/^机器朗读。/) })
      const read = await resident.sees('机器朗读')
      const opened = await resident.opens(read, 'as=recorded')
      expect(opened.headers.get('content-type')).toBe('audio/ogg')
      expect(lengthOf(Buffer.from(await opened.arrayBuffer()))).toBeCloseTo(lengthOf(sound.mp3), 0)
      const allRead = async () => {
        const said = () =>
          linbang.db.outboundMessage.count({
            where: { person: { readAloud: true }, NOT: { dedupeKey: { startsWith: 'aloud:' } } },
          })
        const read = () =>
          linbang.db.outboundMessage.count({ where: { dedupeKey: { startsWith: 'aloud:' }, status: 'sent' } })
        await expect.poll(async () => (await said()) - (await read()), { timeout: 15_000 }).toBe(0)
      }
      await allRead()
      // The service is gone: the synthesiser of the machine goes on.
      speech.fault(500)
      const before = speech.spoken.length
      await resident.says('进度')
      await resident.sees('求助')
      await allRead()
      expect(speech.spoken.length).toBeGreaterThan(before)
      const robot = resident.screen().findLast((message) => message.text.includes('机器朗读'))
      expect(robot).toBeDefined()
      if (robot) expect(lengthOf(Buffer.from(await (await resident.opens(robot)).arrayBuffer()))).toBeGreaterThan(2)
      await allRead() // each once, and never what was only spoken
    } finally {
      await linbang.stop()
      await speech.stop()
    }
  })
})

async function newestRequestWords(linbang: Linbang, id: number): Promise<string[]> {
  const { detailsSealed } = await linbang.db.helpRequest.findUniqueOrThrow({ where: { id } })
  return (linbang.seal.open(detailsSealed) as { words: string[] }).words
}
