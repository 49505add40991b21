import { fillPlaces, placesIn } from '../../domain/notice-text.ts'
import { h } from './element.ts'
import { word } from './words.ts'

/** 模板: the places that are still open, as fields; what is filled in stands in the text at once. */
export function placesFields(text: string, filled: (text: string) => void) {
  let template = text
  const field = h('fieldset', { class: 'places' })
  const draw = () => {
    const names = placesIn(template)
    field.hidden = names.length === 0
    const values = names.map(() => '')
    field.replaceChildren(
      h('legend', {}, word('fields')),
      ...names.map((name, i) =>
        h(
          'label',
          {},
          name,
          h('input', {
            maxlength: 100,
            oninput: (event) => {
              values[i] = (event.target as HTMLInputElement).value
              filled(fillPlaces(template, values))
            },
          }),
        ),
      ),
    )
  }
  draw()
  return {
    field,
    /** The text was written by hand: what is still open in it is what is left to fill in. */
    typed: (written: string) => {
      template = written
      draw()
    },
  }
}
