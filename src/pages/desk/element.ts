/** Elements in one line each, with text only: nothing that was typed is ever read as markup. */

type Child = Node | string | false | undefined
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>

/** `on…` is a listener; `false` and `undefined` leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value))
  }
  made.append(...children.filter((child): child is Node | string => child !== false && child !== undefined))
  return made
}

export const button = (label: string, onclick: () => void, more: Attributes = {}): HTMLButtonElement =>
  h('button', { type: 'button', onclick, ...more }, label)

/** A list of lines, if there are any. */
export const lines = (items: readonly string[], className = 'lines'): HTMLElement | undefined =>
  items.length === 0 ? undefined : h('ul', { class: className }, ...items.map((item) => h('li', {}, item)))

export const at = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.querySelector<T>(`#${id}`)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}
