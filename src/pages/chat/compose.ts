/** The box one writes in: Enter sends, Shift+Enter breaks the line, and the Enter that ends Chinese input does neither. */
export function compose(form: HTMLFormElement, send: (text: string) => void): void {
  const box = form.querySelector('textarea')
  if (!box) return
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = box.value.trim()
    if (text === '') return
    send(text)
    box.value = ''
    box.focus()
  })
  box.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    form.requestSubmit()
  })
}
