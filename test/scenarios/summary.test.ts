import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import { type LlmServer, startLlm } from '../harness/llm.ts'

const long =
  '我妈今年八十二岁，一个人住在康乐，去年摔过一次以后走路就要扶着墙，我在外地上班一个月才能回来一趟，想找人每天中午给她送一顿热饭，顺便看看她药吃了没有，她耳朵不好，敲门要敲久一点'

describe('with a language model', () => {
  let linbang: Linbang
  let llm: LlmServer
  beforeAll(async () => {
    llm = await startLlm()
    linbang = await startLinbang({
      env: { LLM_BASE_URL: llm.baseUrl, LLM_MODEL: 'test', LLM_DOMESTIC: '1', LLM_TIMEOUT_MS: '1000' },
    })
  })
  afterAll(async () => {
    await linbang.stop()
    await llm.stop()
  })

  it('the worker who takes a long plea reads two lines marked as a machine’s; the resident never does', async () => {
    llm.answers({ says: '{"summary":"八十二岁老人独居，要每天送午饭、看吃药。电话13800000000"}' })
    const resident = await linbang.resident()
    const worker = await linbang.worker('a3')
    await resident.says(long)
    await resident.sees('可以记下吗')
    await resident.taps('可以')
    for (let i = 0; i < 8; i++) {
      const asked = await resident.sees(/./)
      if (asked.text.includes('对吗')) break
      const fitting = asked.choices.find((c) => /这里|知道|老人/.test(c.label)) ?? asked.choices.at(-1)
      if (fitting) await resident.taps(fitting.label)
    }
    await resident.taps('对')
    await resident.sees('编号')
    await worker.sees('送')
    await worker.taps('接')
    const summary = await worker.sees('【智能生成】')
    expect(summary.text).toContain('要每天送午饭')
    expect(summary.text).toContain('以居民原话为准')
    expect(summary.text).not.toContain('13800000000')
    await resident.seesNothingLike('智能生成')
  })

  it('a model that hangs keeps nobody waiting, and a crisis is not sent anywhere', async () => {
    llm.answers('hangs')
    const before = llm.heard.length
    const resident = await linbang.resident()
    await resident.says('药都准备好了')
    await resident.sees('很担心您')
    expect(llm.heard.length).toBe(before)
    const other = await linbang.resident()
    await other.says('那边的事情还是老样子')
    await other.sees(/./)
  })
})
