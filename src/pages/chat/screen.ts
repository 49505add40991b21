import { attachmentElement, type MediaWords, type ShownMedia } from './attachment.ts'
import { withLinks } from './links.ts'

/**
 * The list of messages. However the events come — twice, late, out of order, an edit before what it edits — each message
 * stands there once and in its place.
 */
export interface Screen {
  /** Show one event; `undefined` when it was shown before. */
  hear(kind: 'message' | 'edit' | 'mine', id: number, body: Body): Shown | undefined
  /** Show what was just written here, before it has arrived. */
  mine(key: string, words: string): void
  /** It could not be sent yet: said in words beside it, until it has arrived or was refused. */
  waits(key: string): void
  arrived(key: string): void
  refused(key: string): void
}

export interface Shown {
  readonly from: 'me' | 'they'
  readonly who: string
  readonly text: string
  readonly labels: readonly string[]
  readonly item: HTMLElement
}

export interface Body {
  readonly text: string
  readonly choices?: readonly Choice[]
  readonly media?: ShownMedia
  readonly replaces?: number
  readonly key?: string
}

interface Choice {
  readonly token: string
  readonly label: string
}

export function makeScreen(
  list: HTMLElement,
  words: {
    readonly me: string
    readonly they: string
    readonly choices: string
    readonly waiting: string
    readonly notSent: string
    readonly media: MediaWords
  },
  choose: (choice: Choice) => void,
): Screen {
  const seen = new Set<number>()
  const shown = new Map<number, HTMLElement>()
  const edits = new Map<number, { readonly id: number; readonly body: Body }>()
  const written = new Map<string, HTMLElement>()

  return {
    hear: (kind, id, body) => {
      if (seen.has(id)) return undefined
      seen.add(id)
      if (kind === 'edit') return edit(id, body)
      if (kind === 'mine') return confirm(id, body)
      const later = edits.get(id)
      const item = make('they', later?.body ?? body)
      shown.set(id, item)
      if (place(item, id)) {
        closeQuestions(item)
        item.scrollIntoView({ block: 'nearest' })
      } else closeIfAnswered(item)
      return describe('they', later?.body ?? body, item)
    },
    mine: (key, text) => {
      if (written.has(key)) return
      const item = make('me', { text })
      item.classList.add('sending')
      written.set(key, item)
      list.append(item)
      scrollDown()
    },
    waits: (key) => note(key, words.waiting),
    arrived: (key) => {
      note(key, '')
      written.get(key)?.classList.remove('sending')
    },
    refused: (key) => note(key, words.notSent),
  }

  /** What became of a message of mine, beside its words. */
  function note(key: string, text: string): void {
    const item = written.get(key)
    item?.querySelector('.note')?.remove()
    if (!item || text === '') return
    const line = document.createElement('p')
    line.className = 'note'
    line.textContent = text
    item.append(line)
    scrollDown()
  }

  function edit(id: number, body: Body): Shown | undefined {
    const { replaces } = body
    if (replaces === undefined) return undefined
    const newest = edits.get(replaces)
    if (newest && newest.id > id) return undefined
    edits.set(replaces, { id, body })
    const item = shown.get(replaces)
    if (!item) return undefined
    fill(item, body, words.they)
    return describe('they', body, item)
  }

  /** My own words, from here or from another page of mine. Those written here stay where I saw them. */
  function confirm(id: number, body: Body): Shown | undefined {
    const here = body.key === undefined ? undefined : written.get(body.key)
    if (here) {
      here.dataset.id = String(id)
      if (body.media) here.append(attachmentElement(body.media, words.media))
      return undefined
    }
    const item = make('me', body)
    shown.set(id, item)
    place(item, id)
    return describe('me', body, item)
  }

  /** Put it before everything that is younger; true when nothing is. */
  function place(item: HTMLElement, id: number): boolean {
    item.dataset.id = String(id)
    let younger: Element | null = null
    for (let at = list.lastElementChild; at instanceof HTMLElement; at = at.previousElementSibling) {
      if (at.dataset.id === undefined || Number(at.dataset.id) < id) break
      younger = at
    }
    list.insertBefore(item, younger)
    scrollDown()
    return younger === null
  }

  /** Choices of earlier questions stay readable; offers keep their buttons until they are settled. */
  function closeQuestions(newest: HTMLElement): void {
    for (const button of list.querySelectorAll<HTMLButtonElement>('button[data-token^="q:"]')) {
      if (!newest.contains(button)) button.disabled = true
    }
  }

  /** It came late: what stands after it has closed its questions already. */
  function closeIfAnswered(item: HTMLElement): void {
    for (const button of item.querySelectorAll<HTMLButtonElement>('button[data-token^="q:"]')) button.disabled = true
  }

  function make(from: 'me' | 'they', body: Body): HTMLElement {
    const item = document.createElement('li')
    item.className = from
    fill(item, body, words[from])
    return item
  }

  function fill(item: HTMLElement, body: Body, who: string): void {
    item.textContent = ''
    const name = document.createElement('span')
    name.className = 'unseen'
    name.textContent = `${who}:`
    const text = document.createElement('p')
    text.append(...withLinks(body.text))
    item.append(name, text)
    if (body.media) item.append(attachmentElement(body.media, words.media))
    if (!body.choices || body.choices.length === 0) return
    const group = document.createElement('div')
    group.className = 'choices'
    group.setAttribute('role', 'group')
    group.setAttribute('aria-label', words.choices)
    body.choices.forEach((choice, i) => {
      const button = document.createElement('button')
      button.type = 'button'
      button.dataset.token = choice.token
      button.textContent = `${i + 1} ${choice.label}`
      button.addEventListener('click', () => tap(group, button, choice))
      group.append(button)
    })
    item.append(group)
  }

  /** One tap, one answer. The tapped button keeps the focus, so that Tab goes on from where the hand was. */
  function tap(group: HTMLElement, tapped: HTMLButtonElement, choice: Choice): void {
    if (tapped.getAttribute('aria-disabled') === 'true') return
    for (const button of group.querySelectorAll('button')) if (button !== tapped) button.disabled = true
    tapped.setAttribute('aria-disabled', 'true')
    tapped.addEventListener('blur', () => {
      tapped.disabled = true
    })
    choose(choice)
  }

  function describe(from: 'me' | 'they', body: Body, item: HTMLElement): Shown {
    const labels = (body.choices ?? []).map((choice, i) => `${i + 1} ${choice.label}`)
    return { from, who: words[from], text: body.text, labels, item }
  }

  function scrollDown(): void {
    const frame = list.parentElement
    if (frame) frame.scrollTop = frame.scrollHeight
  }
}
