import type { Suggestion } from '../classify/classifier.ts'
import type { ConversationState } from './state.ts'

/** 人工 in the words people have for it. 喂 alone is a hello at first, and a call for somebody later. */
const human =
  /^(?:请|帮我|给我|我要|我想|要|叫|转|转接)*(?:人工(?:客服|服务)?|真人|活人|社工|(?:找|叫|换)(?:一?个)?(?:真)?(?:人|社工)|(?:打|回)(?:个)?电话(?:给我|联系我|过来)|有没有人|有人(?:吗|在吗))(?:说话|吧|吗|来|聊|谢谢)*$/u

type Wish = 'human' | 'status' | 'cancel' | 'machine' | 'delete'

/** A short wish is a command in any state; in a longer text the same word is part of the story. */
export function shortWish(text: string, heard: Suggestion, { greeted }: ConversationState): Wish | undefined {
  const plain = text.normalize('NFKC').replace(/[\s。!!??,,~~.]/gu, '')
  if (/^(请)?(删除|删掉|清除)(我的)?(信息|记录|资料)|把我的(信息|记录|资料).{0,3}删/u.test(plain)) return 'delete'
  const english = englishWish(text)
  if (english) return english
  if (plain.length > 12) return undefined
  if (/(你|您)?是(机器人?|真人|人)(吗|还是)/u.test(plain)) return 'machine'
  if (human.test(plain) || (greeted && /^喂+$/u.test(plain))) return 'human'
  if (heard.intent.confidence < 0.7) return undefined
  const { label } = heard.intent
  return label === 'human' || label === 'status' || label === 'cancel' ? label : undefined
}

function englishWish(text: string): Wish | undefined {
  const words = text
    .toLowerCase()
    .replace(/[^a-z ]/g, '')
    .trim()
  if (/^(?:an?|the|my)? ?(?:real )?(?:person|human|human being)(?: please)?$/.test(words)) return 'human'
  if (/^(?:my )?status$|^how is it going$/.test(words)) return 'status'
  if (/^cancel(?: it| my request)?$/.test(words)) return 'cancel'
  return /^delete my (?:information|data|record|records)$/.test(words) ? 'delete' : undefined
}
