import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Linbang, startLinbang } from '../harness/linbang.ts'
import type { Phone } from '../harness/phone.ts'
import { seal } from '../harness/store.ts'
import { submits } from '../harness/story.ts'

/** Residents as they are: what each of them may expect as the next word. */
describe('a resident', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  const newest = () => linbang.db.helpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })
  const wordsOf = (row: { detailsSealed: string }) => JSON.stringify(seal.open(row.detailsSealed))
  const tells = async (resident: Phone, ...lines: readonly (readonly [string, string | RegExp])[]) => {
    for (const [says, sees] of lines) {
      await resident.says(says)
      await resident.sees(sees)
    }
  }

  it('says yes in any words, answers in any words, and reads back nothing but the trouble', async () => {
    const elder = await linbang.resident()
    await tells(
      elder,
      ['我78岁了，一个人住，楼梯爬不动，菜也没人买，住康乐新村', '可以记下吗'],
      ['可以可以，你记吧', '怎么找您方便'],
    )
    await elder.says('在这里说就行')
    const read = await elder.sees('我记下了')
    expect(read.text).toContain('康乐社区')
    expect(read.text).toContain('联系：在这里发消息')
    expect(read.text).not.toMatch(/你记吧|在这里说就行/)
    await tells(elder, ['对对对', '编号'])
  })

  it('who says it is for another keeps it so, whatever is said after', async () => {
    const son = await linbang.resident()
    await tells(
      son,
      ['我想找人帮忙买菜，住吕岭', '可以记下吗'],
      ['好的', '下面哪种情况'],
      // The question stands as it was: nobody has said that it is none of the two.
      ['不是我，是我妈', /需要帮助的人，是下面哪种情况/],
      ['老人', '怎么找您方便'],
      ['就在这里', '我妈本人知道'],
      ['她晓得的', '给谁：我妈'],
      ['不是我妈，是我爸', '给谁：我爸'],
      ['改一下，住金尚', '社区：金尚社区'],
    )
    await son.says('没错')
    await son.sees('编号')
    expect(wordsOf(await newest())).not.toMatch(/不是我|晓得|改一下/)
  })

  it('corrects anything from three choices at a time', async () => {
    const resident = await linbang.resident()
    await tells(resident, ['我有残疾证，想找工作，住金尚', '可以记下吗'], ['同意', '怎么找您方便'])
    await resident.says('打我手机 13900001111')
    const read = await resident.sees('我记下了')
    expect(read.text).toContain('13900001111')
    await resident.says('不对')
    expect((await resident.sees('要改哪一样')).choices.length).toBe(3)
    await tells(resident, ['别的', '要改哪一样'], ['联系办法', '怎么找您方便'])
    await tells(resident, ['发消息就好', '联系：在这里发消息'])
  })

  it('who says no to the notice is not asked again, and reaches a person without it', async () => {
    const resident = await linbang.resident()
    await tells(resident, ['我想申请护理补贴', '可以记下吗'], ['不可以', '我不记'])
    await tells(resident, ['我就是想问补贴怎么弄', '您说过先不记'], ['不记就不能问吗', '您说过先不记'])
    await resident.seesNothingLike('可以记下吗')
    await resident.taps('想和真人说话')
    await resident.sees('是真人')
    expect(wordsOf(await newest())).not.toContain('补贴')
  })

  it('who cannot answer the notice gets a person, and what was told goes along after a yes', async () => {
    const resident = await linbang.resident()
    await tells(
      resident,
      ['我失业了，想找人帮忙', '可以记下吗'],
      ['孩子不听话', '先回答一句'],
      ['学校也叫我去', '先回答一句'],
      ['我也不知道怎么办了', '是真人'],
    )
    const waiting = await newest()
    expect(waiting.status).toBe('triage')
    expect(wordsOf(waiting)).not.toContain('孩子')
    await tells(resident, ['可以', '已经补充'])
    expect(wordsOf(await newest())).toContain('学校也叫我去')
  })

  it.each(['人工', '真人', '社工', '找人', '转人工', '打电话给我', '我要找真人说话', '有人吗'])(
    '%s is a call for a person, and takes along what was told',
    async (wish) => {
      const resident = await linbang.resident()
      await tells(resident, ['我妈瘫痪在床没人管，住吕岭', '可以记下吗'], [wish, /是真人|已经转给/])
      expect(wordsOf(await newest())).toContain('瘫痪在床')
    },
  )

  it('喂 is a hello at first and a call for somebody later', async () => {
    const resident = await linbang.resident()
    await tells(resident, ['喂', '是机器'], ['喂', '是真人'])
  })

  it('who only asks whether anybody is there is answered shortly, and told once more that it is a machine', async () => {
    const resident = await linbang.resident()
    await tells(resident, ['在吗', '直接说您遇到的困难'])
    await resident.says('在吗')
    expect((await resident.sees('我在')).text.length).toBeLessThan(50)
  })

  it('who writes English is asked in English', async () => {
    const resident = await linbang.resident()
    await tells(resident, ['Hello, I need help. My wage was not paid', 'May I write it down'])
  })

  it('who writes neither Chinese nor English is told so in both and gets a person', async () => {
    const resident = await linbang.resident()
    await tells(resident, [
      'Xin chào, tôi cần giúp đỡ, chủ không trả lương',
      'A person will read this and answer you here',
    ])
    expect((await newest()).status).toBe('triage')
  })

  it('with another matter is asked which one it is about, and can begin a second', async () => {
    const resident = await linbang.resident()
    const first = await submits(resident)
    await resident.says('还有一件事，我自己失业了')
    const asked = await resident.sees('说哪件事')
    expect(asked.choices.map((c) => c.label)).toEqual([`求助${first}`, '另外一件新的事'])
    // What is said before the answer is not lost.
    await tells(resident, ['想找份工作', '说哪件事'])
    await resident.taps('另外一件新的事')
    await resident.sees(/社区|哪种情况|怎么找您/)
    const second = await newest()
    expect(second.number).toBeGreaterThan(first)
    expect(wordsOf(second)).toContain('失业')
    expect(wordsOf(second)).toContain('想找份工作')
    await resident.says('取消')
    const which = await resident.sees('不需要的是哪一件')
    expect(which.choices.map((c) => c.label)).toEqual([`求助${first}不用了`, `求助${second.number}不用了`, '还需要'])
    await resident.taps(`求助${second.number}不用了`)
    await resident.sees(`求助${second.number}已经取消`)
    expect((await linbang.db.helpRequest.findUniqueOrThrow({ where: { number: first } })).status).not.toBe('withdrawn')
  })

  it('who complains about somebody is heard by a person, in words of its own', async () => {
    const resident = await linbang.resident()
    await tells(resident, ['你们那个社工态度太差了，我要投诉', '您说的我记下了'])
  })

  it('who types a wrong code is told so, and it is no plea', async () => {
    const resident = await linbang.resident()
    const before = await linbang.db.helpRequest.count()
    await tells(resident, ['加入 ABCD2345', '这个加入码不能用'])
    expect(await linbang.db.helpRequest.count()).toBe(before)
  })

  it('in the middle of a dialogue over a new version loses neither the plea nor what waits for a yes', async () => {
    const [asked, waiting] = [await linbang.resident(), await linbang.resident()]
    await tells(asked, ['我有残疾证，想找工作', '可以记下吗'], ['可以', '哪个社区'])
    const told = await newest()
    await tells(waiting, ['我爸75岁刚出院没人照顾，住吕岭', '可以记下吗'])
    // As another version would have written it: another number, steps that this one does not know.
    const conversations = await linbang.db.conversation.findMany({
      where: { stateSealed: { not: null } },
      orderBy: { updatedAt: 'desc' },
      take: 2,
    })
    for (const { personId, stateSealed } of conversations) {
      const old = seal.open(stateSealed ?? '') as { at: object }
      const stateSealed2 = seal.seal({ v: 0, hello: true, at: { ...old.at, step: 'of another version' } })
      await linbang.db.conversation.update({ where: { personId }, data: { stateSealed: stateSealed2 } })
    }
    await tells(asked, ['住金尚社区', /社区：金尚|怎么找您方便/])
    const after = await linbang.db.helpRequest.findUniqueOrThrow({ where: { id: told.id } })
    expect(wordsOf(after)).toContain('想找工作')
    await waiting.says('可以')
    await waiting.sees('怎么找您方便')
    expect(wordsOf(await newest())).toContain('75岁刚出院')
  })
})

describe('in a crisis', () => {
  let linbang: Linbang
  beforeAll(async () => {
    linbang = await startLinbang()
  })
  afterAll(() => linbang.stop())

  it('what was told before the yes to the notice goes to people with it', async () => {
    const resident = await linbang.resident()
    await resident.says('我老公两年没给过家用了，我带着两个孩子')
    await resident.sees('可以记下吗')
    await resident.says('他现在拿刀在砸门')
    await resident.sees('马上打110')
    await expect
      .poll(async () => JSON.stringify(seal.open((await linbang.db.helpRequest.findFirstOrThrow()).detailsSealed)))
      .toContain('两年没给过家用')
  })

  it('a neighbour is thanked, kept out of danger and asked for the place, not told to feel better', async () => {
    const neighbour = await linbang.resident()
    await neighbour.says('我邻居阿婆好几天没出门了，一个人住，我有点担心')
    const answer = await neighbour.sees('谢谢您告诉我们')
    expect(answer.text).toMatch(/110/)
    expect(answer.text).not.toMatch(/您现在安全吗|心里难受/)
    expect(answer.choices).toEqual([])
    await neighbour.says('岭下社区3号楼401')
    await neighbour.sees('已经转给工作人员')
  })

  it('one who speaks of a neighbour and is in danger is answered as one in danger', async () => {
    for (const words of ['邻居拿刀要砍我', '我邻居搬走了，我不想活了', '救救我，隔壁在打人']) {
      const resident = await linbang.resident()
      await resident.says(words)
      await resident.sees('您现在安全吗')
    }
  })

  it('a child who is alone is answered by no form', async () => {
    const child = await linbang.resident()
    await child.says('我妈妈不在家三天了，家里没有吃的，我10岁')
    await child.sees('这不是你的错')
    await child.seesNothingLike('可以记下吗')
  })
})
