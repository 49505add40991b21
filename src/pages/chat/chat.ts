import { makeAloud } from './aloud.ts'
import { announcer } from './announce.ts'
import { compose } from './compose.ts'
import { cover, covered, leaveBy } from './leave.ts'
import { pictureWith } from './picture.ts'
import { canRecord, recordWith } from './record.ts'
import { openTalk, type Talk } from './talk.ts'
import { makeUpload } from './upload.ts'

/** The resident's page. Everything works without a word of instruction: write, tap, speak, or leave. */

const at = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.querySelector<T>(`#${id}`)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}
/** What the page says, in the language the server wrote it in. */
const words = JSON.parse(document.body.dataset.words ?? '{}') as Readonly<Record<string, string>>
const word = (name: string): string => words[`page.${name}`] ?? ''
const root = document.documentElement
const announce = announcer(at('announce'))
const aloud = makeAloud()
let talk: Talk | undefined

/** For the eye until something else is said, and once for the ear. */
function tell(text: string): void {
  at('status').textContent = text
  announce(text)
}

/** The server gives its reasons in Chinese. */
const refused = (status: number, message: string | undefined): string =>
  (root.lang === 'zh-CN' && message) || word(`refused${status}`) || word('failed')

const upload = makeUpload({
  talk: () => talk,
  tell,
  words: {
    sending: word('sending'),
    sent: word('sent'),
    kept: word('mediaKept'),
    keptHere: word('mediaKeptHere'),
    refused,
  },
})

function open(): void {
  const before = covered()
  cover(undefined)
  at('cover').hidden = true
  at('room').hidden = false
  talk = openTalk({
    list: at('list'),
    status: at('status'),
    query: '',
    announce,
    words: {
      me: word('me'),
      they: word('they'),
      choices: word('choices'),
      offline: word('offline'),
      kept: word('kept'),
      refused,
      online: word('online'),
      waiting: word('waiting'),
      notSent: word('notSent'),
      media: {
        voice: word('voice'),
        seconds: word('seconds'),
        film: word('film'),
        openPicture: word('openPicture'),
        openFile: word('openFile'),
      },
    },
    onMessage: ({ from, text, labels, item }, fresh) => {
      if (from !== 'they') return
      const spoken = [text, ...labels].join('。')
      // A recording is heard as it is.
      if (aloud.here && !item.querySelector('audio')) item.append(readButton(spoken))
      if (!fresh) return
      if (at('status').textContent === word('sent')) at('status').textContent = '' // the answer says it
      if (pressed('aloud')) aloud.say(spoken)
      lookSoon()
    },
  })
  // Left in a hurry: the deleting may not have been done then.
  if (before !== undefined) upload.drop()
  void upload.resume()
  if (before === 'lost') tell(word('lost'))
}

function hide(): boolean {
  talk?.close()
  const cutOff = stopRecording()
  const lost = upload.drop() || cutOff
  aloud.hush()
  at('list').textContent = ''
  at('announce').textContent = ''
  at<HTMLTextAreaElement>('text').value = ''
  at('status').textContent = ''
  at('room').hidden = true
  at('cover').hidden = false
  return lost
}

function readButton(text: string): HTMLButtonElement {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'read'
  button.textContent = word('readThis')
  button.addEventListener('click', () => {
    aloud.hush()
    aloud.say(text)
  })
  return button
}

// --- what makes it easier: kept by this browser, and by the person once they said so in the talk

const pressed = (id: string) => at(id).getAttribute('aria-pressed') === 'true'

function press(id: string, on: boolean): void {
  at(id).setAttribute('aria-pressed', String(on))
  if (id === 'bigger') root.classList.toggle('big', on)
  if (id === 'contrast') root.classList.toggle('contrast', on)
  try {
    localStorage.setItem(`linbang.${id}`, on ? '1' : '0')
  } catch {
    // it holds until the page is closed
  }
}

for (const id of ['bigger', 'contrast', 'aloud']) {
  try {
    if (localStorage.getItem(`linbang.${id}`) === '1') press(id, true)
  } catch {
    // nothing was kept
  }
  at(id).addEventListener('click', () => {
    press(id, !pressed(id))
    if (id !== 'aloud') return
    const told = word(pressed(id) ? 'aloudOn' : 'aloudOff')
    announce(told)
    aloud.hush()
    aloud.say(told)
  })
}
at('aloud').hidden = !aloud.here

interface Settings {
  readonly media: boolean
  readonly lang: string
  readonly bigText: boolean
  readonly readAloud: boolean
  readonly slowly: boolean
}
let before: Settings | undefined

/** What the person has said they need ("大字", "念给我听", "English") takes effect here as well, when it changes. */
async function look(): Promise<void> {
  const response = await fetch('/chat/settings')
  if (!response.ok) return
  const settings = (await response.json()) as Settings
  at('record').hidden = !settings.media || !canRecord()
  at('picture').hidden = !settings.media
  aloud.slowly = settings.slowly
  if (settings.bigText !== (before?.bigText ?? false)) press('bigger', settings.bigText)
  if (settings.readAloud !== (before?.readAloud ?? false)) press('aloud', settings.readAloud && aloud.here)
  before = settings
  if (settings.lang !== root.lang) location.reload()
}
let looking: ReturnType<typeof setTimeout> | undefined
function lookSoon(): void {
  clearTimeout(looking)
  looking = setTimeout(() => void look().catch(() => undefined), 300)
}

// --- the buttons

compose(at<HTMLFormElement>('form'), (text) => talk?.say(text))
for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-say]')) {
  button.addEventListener('click', () => talk?.say(button.dataset.say ?? ''))
}
const stopRecording = recordWith({
  button: at<HTMLButtonElement>('record'),
  tell,
  words: {
    record: word('record'),
    recordStop: word('recordStop'),
    recording: word('recording'),
    noMicrophone: word('noMicrophone'),
  },
  give: (recording) => void upload.give(recording, word('voice')),
})
pictureWith({
  button: at<HTMLButtonElement>('picture'),
  input: at<HTMLInputElement>('pictures'),
  give: (picture) => void upload.give(picture, word('pictureSent')),
})
leaveBy(at<HTMLAnchorElement>('leave'), hide)
at('back').addEventListener('click', () => {
  open()
  at('text').focus()
})
let sure = false
at('forget').addEventListener('click', async () => {
  if (!sure) {
    sure = true
    return tell(word('forgetAsk'))
  }
  const response = await fetch('/chat/forget', { method: 'POST' }).catch(() => undefined)
  if (!response?.ok) return tell(word('failed'))
  upload.drop()
  try {
    localStorage.clear()
  } catch {
    // nothing was kept
  }
  location.reload()
})

if (covered() === undefined) open()
else hide()
lookSoon()
if ('serviceWorker' in navigator) void navigator.serviceWorker.register('/sw.js').catch(() => undefined)
