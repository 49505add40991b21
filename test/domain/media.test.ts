import { describe, expect, it } from 'vitest'
import { hideIdentityNumbers } from '../../src/domain/identity-number.ts'
import { contentType, endingOf } from '../../src/domain/media.ts'
import { wishesOfPlea } from '../../src/domain/wishes.ts'

describe('identity card numbers', () => {
  const hide = (text: string) => hideIdentityNumbers(text, '□')
  it('are hidden however they are written', () => {
    const written = [
      '11010519491231002X',
      '11010519491231002x',
      '１１０１０５１９４９１２３１００２Ｘ',
      '110105 19491231 002X',
      '110105-19491231-002X',
    ]
    for (const number of written) expect(hide(`我的身份证${number}，麻烦了`)).toBe('我的身份证□，麻烦了')
    expect(hide('11010519491231002X和440524188001010014')).toBe('□和□')
  })
  it('are not seen where there are none', () => {
    for (const text of [
      '110105194912310021', // the last place is wrong
      '订单号202611230930001234567',
      '6222020200112230', // a bank card
      '手机13800138000，求助1001',
      '',
    ])
      expect(hide(text)).toBe(text)
  })
})

describe('what content is', () => {
  it('is decided by its bytes; its sender only tells sound from film', () => {
    expect(contentType('video/webm', 'audio/webm;codecs=opus')).toEqual({ kind: 'voice', mime: 'audio/webm' })
    expect(contentType('video/webm', 'video/webm')).toEqual({ kind: 'video', mime: 'video/webm' })
    expect(contentType('image/png', 'audio/ogg')).toEqual({ kind: 'picture', mime: 'image/png' })
    expect(contentType('application/x-msdownload', 'image/png')).toBeUndefined()
    expect(contentType('audio/ogg; codecs=opus', undefined)).toEqual({ kind: 'voice', mime: 'audio/ogg' })
    expect([endingOf('audio/mp4'), endingOf('what/ever')]).toEqual(['m4a', 'bin'])
  })
})

describe('a recording of which no word is written down', () => {
  it('is offered first to who understands Minnan, until words tell otherwise', () => {
    expect(wishesOfPlea({ words: [], byVoice: true })).toEqual(['minnan'])
    expect(wishesOfPlea({ words: [' '], byVoice: true })).toEqual(['minnan'])
    expect(wishesOfPlea({ words: ['想要女的社工'], byVoice: true })).toEqual(['woman'])
    expect(wishesOfPlea({ words: [] })).toEqual([])
  })
})
