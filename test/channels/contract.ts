import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bounced, type Channel, type Receive, SendError, type SendFailure } from '../../src/channels/channel.ts'
import type { AddressKey, Inbound } from '../../src/domain/words.ts'

/** A channel with its far end faked at the protocol level, and one person there. */
export interface Rig {
  readonly channel: Channel
  readonly to: AddressKey
  /** The person writes; the far end brings it as it does in life, with its own tries. */
  says(text: string): Promise<void>
  /** What was brought last comes again, as when an answer was lost. */
  again(): Promise<void>
  /** The person taps a choice, or answers it by its number. */
  taps(label: string): Promise<void>
  /** What the person's phone shows of us, oldest first. */
  screen(): Promise<readonly string[]>
  /** Make the next send fail at the far end, in each of the ways it can. */
  readonly failures: Partial<Record<SendFailure, () => void | Promise<void>>>
  /** Words that may stand in no error: tokens and secrets. */
  readonly secrets: readonly string[]
  /** Sends one idempotency key once, however often it is asked; else it arrives as often as it is sent. */
  readonly idempotent: boolean
  /** The far end carries what a choice stands for, and takes only so much. */
  readonly limitsChoices: boolean
  stop(): Promise<void>
}

/** What every channel promises, whatever its far end. */
export function testChannel(name: string, open: () => Promise<Rig>): void {
  describe(`the channel contract: ${name}`, () => {
    let rig: Rig
    let heard: Inbound[]
    /** How many of the next messages cannot be stored. */
    let refuse: number
    const receive: Receive = async (inbound) => {
      // That somebody is there, before they have said anything: no message.
      if (inbound.content.kind === 'lifecycle') return
      if (refuse-- > 0) throw new Error('the database is down')
      heard.push(inbound)
    }
    const bounced: Bounced = async () => undefined
    const texts = () => heard.map(({ content }) => (content.kind === 'text' ? content.text : content.kind))
    const arrives = (count: number) => expect.poll(() => heard.length, { timeout: 15_000 }).toBe(count)
    const shows = (text: string) =>
      expect.poll(async () => (await rig.screen()).join('\n'), { timeout: 15_000 }).toContain(text)

    beforeEach(async () => {
      heard = []
      refuse = 0
      rig = await open()
      await rig.channel.start(receive, bounced)
    })
    afterEach(async () => {
      await rig.channel.stop()
      await rig.stop()
    })

    it('says what it can do, and can do what it says', () => {
      const { channel } = rig
      const { capabilities } = channel
      expect(channel.account).not.toBe('')
      expect(capabilities.maxTextChars).toBeGreaterThanOrEqual(100)
      expect(channel.edit !== undefined).toBe(capabilities.edit)
      expect(channel.notify !== undefined).toBe(capabilities.notice !== undefined)
      if (capabilities.pace !== 'unlimited') expect(capabilities.pace.perSecond).toBeGreaterThan(0)
    })

    it('hears words as they were written, from the address it would answer to, each under its own key', async () => {
      const words = ['你好', '  我妈80岁,没人照顾 😀 <b>&amp;</b> ]]> "引号"  ', '第三句']
      for (const text of words) await rig.says(text)
      await arrives(3)
      expect(texts().map((text) => text.trim())).toEqual(words.map((text) => text.trim()))
      expect(new Set(heard.map(({ key }) => key)).size).toBe(3)
      for (const { from, sentAt } of heard) {
        expect(from).toEqual(rig.to)
        if (sentAt) expect(Math.abs(sentAt.getTime() - Date.now())).toBeLessThan(60_000)
      }
    })

    it('names a message that comes again by the same key', async () => {
      await rig.says('你好')
      await arrives(1)
      await rig.again()
      await arrives(2)
      expect(heard[1]?.key).toBe(heard[0]?.key)
    })

    it('does not let go of what could not be stored', async () => {
      refuse = 1
      await rig.says('救救我').catch(() => undefined)
      await arrives(1)
      expect(texts()).toEqual(['救救我'])
    })

    it('says words whole, in order, however long', async () => {
      await rig.says('你好')
      await arrives(1)
      const long = Array.from({ length: 160 }, (_, i) => `这是第${i}句话。`).join('')
      await rig.channel.send(rig.to, { text: '您好' }, 'k1')
      await rig.channel.send(rig.to, { text: long }, 'k2')
      await shows('第159句话')
      const shown = await rig.screen()
      expect(shown[0]).toBe('您好')
      expect(shown.slice(1).join('')).toBe(long)
    })

    it('shows choices that can be answered', async () => {
      await rig.says('你好')
      await arrives(1)
      const choices = [
        { token: 'q:consent:yes', label: '可以' },
        { token: 'q:consent:no', label: '不可以' },
      ]
      const sent = await rig.channel.send(rig.to, { text: '可以记下吗?', choices }, 'k1')
      await shows('可以记下吗?')
      await rig.taps('不可以')
      await arrives(2)
      const { content, tappedOn } = heard[1] ?? {}
      if (rig.channel.capabilities.choices === 'buttons') {
        expect(content).toMatchObject({ kind: 'choice', token: 'q:consent:no' })
        if (tappedOn !== undefined) expect(tappedOn).toBe(sent.externalId)
      } else expect(content).toMatchObject({ kind: 'text', text: '2' })
    })

    it('refuses a choice that carries too much, before anything is sent', async () => {
      const choices = [{ token: `x:${'岭'.repeat(21)}`, label: '太长' }]
      await rig.says('你好')
      await arrives(1)
      const failed = await rig.channel.send(rig.to, { text: '选', choices }, 'k1').catch((error: unknown) => error)
      if (rig.limitsChoices) expect(failed).toMatchObject({ name: 'SendError', kind: 'invalid' })
      else expect(failed).not.toBeInstanceOf(Error)
    })

    it('fails in one of our few ways, and gives no secret away', async () => {
      await rig.says('你好')
      await arrives(1)
      for (const [kind, fail] of Object.entries(rig.failures)) {
        await fail()
        const error = await rig.channel.send(rig.to, { text: '您好' }, `fail:${kind}`).catch((e: unknown) => e)
        expect([kind, error instanceof SendError && error.kind]).toEqual([kind, kind])
        if (!(error instanceof SendError)) continue
        const told = JSON.stringify([error.message, error.stack, String(error.cause ?? '')])
        for (const secret of [...rig.secrets, '您好']) expect(told).not.toContain(secret)
        if (kind === 'rate-limited') expect(error.retryAfterMs).toBeGreaterThan(0)
      }
    })

    it('meets odd words calmly', async () => {
      await rig.says('你好')
      await arrives(1)
      for (const text of ['\u0000a\ud800b', '😀'.repeat(200), '\u202eabc', '<script>alert(1)</script>', ' ']) {
        const outcome = await rig.channel.send(rig.to, { text }, `odd:${text.length}`).catch((error: unknown) => error)
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(SendError)
      }
    })

    it('one message asked twice is there once, where the far end can tell', async () => {
      await rig.says('你好')
      await arrives(1)
      await rig.channel.send(rig.to, { text: '只说一次' }, 'same')
      await rig.channel.send(rig.to, { text: '只说一次' }, 'same')
      await shows('只说一次')
      expect((await rig.screen()).filter((text) => text === '只说一次')).toHaveLength(rig.idempotent ? 1 : 2)
    })

    it('says of each message what it lets us answer, exactly when replies are counted', async () => {
      await rig.says('你好')
      await arrives(1)
      expect(heard[0]?.allows !== undefined).toBe(rig.channel.capabilities.proactive === 'window')
    })
  })
}
