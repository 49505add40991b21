import { announcer } from '../chat/announce.ts'
import { compose } from '../chat/compose.ts'
import { openTalk, type Talk } from '../chat/talk.ts'

/** Three phones on the real chat API, a story to follow, and the request's ledger beside them. */

const at = <T extends HTMLElement>(id: string): T => {
  const found = document.querySelector<T>(`#${id}`)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}

const announce = announcer(at('announce'))

function phone(name: string, query: string, they: string): Talk {
  const list = at(`${name}-list`)
  list.textContent = ''
  const words = {
    me: '我',
    they,
    choices: '可以选',
    offline: '网络断了，正在重新连接。您写的话会留着。',
    kept: '网络断了，您写的话会留着，连上后自动发出。',
    refused: (_: number, message: string | undefined) => message ?? '没有发出去，请再试一次。',
    online: '连上了。',
    waiting: '还没发出去',
    notSent: '没有发出去',
    media: {
      voice: '语音',
      seconds: '{seconds}秒',
      film: '视频',
      openPicture: '照片，点开看大图',
      openFile: '打开文件',
    },
  }
  return openTalk({ list, status: at(`${name}-status`), query, words, announce, onMessage: () => void look() })
}

const resident = phone('resident', '', '小助手')
const coordinator = phone('coordinator', '?phone=coordinator', '邻帮')
compose(at<HTMLFormElement>('resident-form'), resident.say)
compose(at<HTMLFormElement>('coordinator-form'), coordinator.say)

// --- the worker's phone: one of five agencies

interface PhoneState {
  readonly phone: string
  readonly name: string
  readonly agency: string | null
  readonly waiting: number
}

const picker = at<HTMLSelectElement>('worker')
let worker: Talk | undefined
compose(at<HTMLFormElement>('worker-form'), (text) => worker?.say(text))
picker.addEventListener('change', () => pick(picker.value))

function pick(name: string): void {
  worker?.close()
  picker.value = name
  worker = phone('worker', `?phone=${name}`, '邻帮')
}

async function lookAtPhones(): Promise<void> {
  const { phones } = (await (await fetch('/demo/phones')).json()) as { phones: PhoneState[] }
  const workers = phones.filter((p) => p.phone.startsWith('worker'))
  if (picker.options.length === 0) {
    for (const { phone: value, agency, name } of workers) picker.add(new Option(`${agency ?? ''} ${name}`, value))
    pick(workers.find((w) => w.phone === 'worker-a3')?.phone ?? workers[0]?.phone ?? '')
  }
  workers.forEach((state, i) => {
    const option = picker.options[i]
    const label = `${state.waiting > 0 ? `● ${state.waiting}件待接 ` : ''}${state.agency ?? ''} ${state.name}`
    if (option && option.text !== label) option.text = label
  })
  const elsewhere = workers.find((w) => w.waiting > 0)
  const here = workers.find((w) => w.phone === picker.value)
  at('story-status').textContent =
    elsewhere && here?.waiting === 0 ? `新求助到了${elsewhere.agency ?? ''}，请在中间的电话上选它。` : ''
}

// --- the story

interface Chapter {
  readonly tell: string
  readonly words?: string
}

const story: readonly Chapter[] = [
  {
    tell: '女儿替妈妈求助。机器先说明自己是机器，问能不能记下。',
    words: '我妈82岁刚出院，今晚家里没人照顾，我们住康乐',
  },
  { tell: '在居民电话上点“可以”，再答一两个问题，看一遍机器记下的话，点“对”。' },
  { tell: '示例三社工服务中心的值班社工收到卡片，点“接”。居民马上看到是谁接的、几点前联系。' },
  { tell: '两边直接说话。电话号码会隐去，社工看不到居民的账号。', words: '门铃坏了，到了请打我电话13800000000' },
  { tell: '社工打“办结”，居民说解决了没有。说“没解决”会交给协调员。' },
  { tell: '危急的话不等登记，马上给出电话，同时通知两个人。换一位新居民再试：', words: '药都准备好了' },
]

for (const { tell, words } of story) {
  const item = document.createElement('li')
  item.textContent = tell
  if (words !== undefined) {
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = `照着说：“${words}”`
    button.addEventListener('click', () => {
      item.classList.add('done')
      resident.say(words)
    })
    item.append(button)
  }
  at('story').append(item)
}
at('fresh').addEventListener('click', async () => {
  await fetch('/demo/new-resident', { method: 'POST' })
  location.reload()
})

// --- the ledger

interface Entry {
  readonly at: string
  readonly step: string
  readonly who: string
  readonly status: string
  readonly number: number
}

const steps: Readonly<Record<string, string>> = {
  opened: '登记，已有责任人',
  crisis_opened: '危急，立即排队',
  described: '补充情况',
  nudged: '提醒接着说',
  submitted: '提交',
  given_up_telling: '没说完，转协调员',
  crisis_heard: '听到危急的话',
  triaged: '定项目',
  offered: '派给',
  declined: '不接',
  unanswered: '到时没回',
  climbed: '升级',
  accepted: '接下',
  acknowledged: '确认在处理',
  contacted: '和居民说话',
  not_reached: '消息未送达，改打电话或上门',
  checked_in: '有进展',
  reminded: '提醒',
  added: '补充',
  human_called: '找真人',
  noted: '备注',
  handed_on: '转交',
  resolved: '办结',
  confirmed_solved: '说解决了',
  reopened: '说没解决，重办',
  withdrawn: '取消',
  closed: '结束',
}

async function lookAtTimeline(): Promise<void> {
  const { entries } = (await (await fetch('/demo/timeline')).json()) as { entries: Entry[] }
  at('empty').hidden = entries.length > 0
  const list = at('timeline')
  if (list.childElementCount === entries.length) return
  list.textContent = ''
  for (const entry of entries) {
    const item = document.createElement('li')
    const time = document.createElement('time')
    time.dateTime = entry.at
    time.textContent = `${new Date(entry.at).toLocaleTimeString('zh-CN', { timeZone: 'Asia/Shanghai' })} 求助${entry.number}`
    item.append(time, `${steps[entry.step] ?? entry.step} ${entry.who}`)
    list.append(item)
  }
}

let looking = false
async function look(): Promise<void> {
  if (looking) return
  looking = true
  await Promise.all([lookAtPhones(), lookAtTimeline()]).catch(() => undefined)
  looking = false
}
void look()
setInterval(() => void look(), 2_000)
