import { readAudience } from '../../domain/audience-words.ts'
import type { DeskFacts } from '../../domain/desk-shown.ts'
import { button, h } from './element.ts'
import { word } from './words.ts'

/** 发给谁: one sentence, read as one types by the rules of the server; what is not understood is named at once. */

const words = [
  '全部居民',
  '居家养老',
  '关爱残疾人',
  '援助单亲妈妈家庭',
  '关爱外来务工人员',
  '说闽南语',
  '全部社工',
  '志愿者',
]

export function audienceField(facts: DeskFacts, change: (sentence: string) => void) {
  const vocabulary = { communities: facts.communities, streets: facts.streets }
  const box = h('textarea', {
    id: 'audience',
    rows: 2,
    maxlength: 5000,
    'aria-describedby': 'audience-hint audience-read',
  })
  const read = h('p', { id: 'audience-read', class: 'read' })
  const look = (): boolean => {
    const sentence = box.value.trim()
    const { audience, unknown } = readAudience(sentence, vocabulary)
    read.classList.toggle('over', audience === undefined && sentence !== '')
    read.textContent =
      sentence === ''
        ? word('audienceEmpty')
        : unknown.length > 0
          ? word('audienceUnknown', { words: unknown.slice(0, 5).join('、') })
          : ''
    return audience !== undefined
  }
  const typed = () => {
    if (look()) change(box.value)
  }
  box.addEventListener('input', typed)
  const add = (said: string) => {
    const before = box.value.trim()
    box.value = before === '' ? said : `${before}、${said}`
    typed()
  }
  const picker = (id: string, label: string, options: readonly Node[]) => {
    const select = h('select', { id }, h('option', { value: '' }, word('choose')), ...options)
    // Chosen with the keyboard, a list changes with every arrow: it is added by the button.
    const put = () => {
      if (select.value !== '') add(select.value)
      select.value = ''
    }
    return h(
      'div',
      { class: 'pick' },
      h('label', { for: id }, label),
      select,
      button(word('addOne'), put, { 'aria-label': label }),
    )
  }
  const communities = facts.streets.map((street) =>
    h(
      'optgroup',
      { label: street },
      ...facts.communities.flatMap(({ street: of, names: [name] }) =>
        of === street && name !== undefined ? [h('option', {}, name)] : [],
      ),
    ),
  )
  const chips = words.map((said) => button(said, () => add(said), { class: 'chip' }))
  const field = h(
    'div',
    { class: 'field' },
    h('label', { for: 'audience' }, word('audience')),
    h('p', { class: 'quiet', id: 'audience-hint' }, word('audienceHint')),
    box,
    read,
    h('div', { class: 'chips', role: 'group', 'aria-label': word('add') }, ...chips),
    h(
      'div',
      { class: 'pickers' },
      picker('add-place', word('addPlace'), communities),
      picker(
        'add-street',
        word('addStreet'),
        facts.streets.map((street) => h('option', {}, street)),
      ),
    ),
  )
  return {
    field,
    /** What the server has understood, read back; the sentence only where the box is not being written in. */
    show: (sentence: string, understood: string) => {
      if (sentence !== '' && document.activeElement !== box && box.value.trim() === '') box.value = sentence
      if (look() || box.value.trim() === '') {
        read.classList.remove('over')
        read.textContent = understood === '' ? word('audienceEmpty') : word('audienceRead', { audience: understood })
      }
    },
    refuse: (message: string) => {
      read.classList.add('over')
      read.textContent = message
    },
    replace: (sentence: string) => {
      box.value = sentence
    },
  }
}
