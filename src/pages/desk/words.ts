/** What the page says, as the server wrote it. */
const words = JSON.parse(document.body.dataset.words ?? '{}') as Readonly<Record<string, string>>

export const word = (name: string, places: Readonly<Record<string, string | number>> = {}): string =>
  (words[name] ?? words[`desk.${name}`] ?? '').replace(/\{(\w+)\}/g, (_, place: string) => String(places[place] ?? ''))
