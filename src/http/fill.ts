/** A page with its `{{places}}` filled in; what is filled in is text, never markup. */
export const fillPage = (html: string, places: Readonly<Record<string, string>>): string =>
  html.replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => escapeHtml(places[name] ?? ''))

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c] ?? c)
