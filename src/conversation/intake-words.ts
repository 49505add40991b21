import type { Slot } from './state.ts'

/**
 * An answer in one's own words to the question that stands: 在这里说就行, 打我手机吧, 她晓得的. Returns the value a tap would
 * have brought; `undefined` when it is something else, or too long to be only an answer.
 */
export function valueInWords(asking: Slot, text: string): string | undefined {
  if (text.length > longestAnswer) return undefined
  return answers[asking]?.find(([pattern]) => pattern.test(text.normalize('NFKC').toLowerCase()))?.[1]
}

const longestAnswer = 20

/** 欲言又止: somebody begins and does not go on yet (我想问…, 有件事想说). Whatever a classifier makes of it, it is kept and asked about. */
export const isOnlyBegun = (text: string): boolean =>
  /^[\p{P}\s]*(?:您好|你好|那个|嗯|我|我们|就是|现在|[\p{P}\s])*(?:有(?:件|个|点|一件|一个)(?:事情|事)|(?:想|要)(?:请)?(?:问|说|讲|咨询|打听)|请问)(?:一下|一件事|个事|你们|您|下)*[\p{P}\s啊呀呢吧哈嗯]*$/u.test(
    text,
  )

/** The first that fits decides: what is denied stands before what is said. */
const answers: Readonly<Partial<Record<Slot, readonly (readonly [RegExp, string])[]>>> = {
  contact: [
    [/(?:不|别|勿|没法).{0,3}电话|接不了|听不/u, 'here'],
    [/这里|这儿|这边|发消息|发信息|发文字|短信|微信|打字|聊天|留言|here|message|text/u, 'here'],
    [/电话|手机|打给我|打过来|打我|phone|call/u, 'phone'],
  ],
  subjectKnows: [
    [/不方便|不好说|以后再说/u, 'later'],
    [/不知道|不晓得|不清楚|没(?:有)?(?:说|讲|告诉|跟)|瞒/u, 'no'],
    [/知道|晓得|清楚|(?:说|讲|商量|告诉)过|同意|愿意|(?:他|她|本人)(?:让|叫|要)/u, 'yes'],
  ],
}
