/** What a staff member can order in words. */
export type Command =
  | { readonly name: 'help' | 'mine' | 'duty' | 'on' | 'off' }
  | {
      readonly name: 'accept' | 'decline' | 'note' | 'hand_on' | 'resolve' | 'phone' | 'relabel'
      readonly number: number | undefined
      readonly rest: string
    }
  | { readonly name: 'to'; readonly number: number; readonly rest: string }

/** An order stands alone, before a number or before a space: 不接电话是因为在开会 is said to a resident. */
const words: readonly (readonly [RegExp, Exclude<Extract<Command, { rest: string }>['name'], 'to'>])[] = [
  [/^接(?:单|下)?(?=\s|\d|$)/u, 'accept'],
  [/^(?:不接|拒接)(?=[\s\d]|$)/u, 'decline'],
  [/^备注(?=[\s\d::,]|$)/u, 'note'],
  [/^(?:转交|换人|转单)(?=[\s\d::,]|$)/u, 'hand_on'],
  [/^(?:办结|结束|完成)(?=\s|\d|$)/u, 'resolve'],
  [/^(?:更正|改分类)(?=\s|\d|$)/u, 'relabel'],
  [/^(?:电话|看电话)(?=\s|\d|$)/u, 'phone'],
]

/** `undefined`: no command, but words for a resident. */
export function command(text: string): Command | undefined {
  const plain = text.normalize('NFKC').replace(/^\//u, '')
  if (/^(帮助|用法|help)$/iu.test(plain)) return { name: 'help' }
  if (/^(我的|我的求助|列表)$/u.test(plain)) return { name: 'mine' }
  if (/^(值班|今天谁值班|谁值班)$/u.test(plain)) return { name: 'duty' }
  if (/^上线$/u.test(plain)) return { name: 'on' }
  if (/^下线$/u.test(plain)) return { name: 'off' }
  for (const [pattern, name] of words) {
    if (!pattern.test(plain)) continue
    const after = plain.replace(pattern, '')
    const found = /^\s*[::]?\s*(\d{4,6})[\s,,::]*([\s\S]*)$/u.exec(after)
    const rest = (found ? found[2] : after)?.trim() ?? ''
    return { name, number: found ? Number(found[1]) : undefined, rest }
  }
  const addressed = /^(\d{4,6})[\s,,::]+([\s\S]+)$/u.exec(plain)
  return addressed ? { name: 'to', number: Number(addressed[1]), rest: addressed[2] ?? '' } : undefined
}
