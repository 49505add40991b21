import { pinyin } from 'pinyin-pro'

/** 模糊音: zh=z, ch=c, sh=s, n=l, ng=n, f=h before u: what Minnan and Sichuan speakers and their phones mix up. Other signs sound as they are. */
export function fuzzySound(sign: string): string {
  if (!/\p{Script=Han}/u.test(sign)) return sign
  return (pinyin(sign, { toneType: 'none', type: 'array' })[0] ?? sign)
    .replace(/^([zcs])h/, '$1')
    .replace(/^n/, 'l')
    .replace(/^r/, 'l')
    .replace(/^hu(?=.)/, 'f')
    .replace(/ng$/, 'n')
}
