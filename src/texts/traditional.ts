import { Converter } from 'opencc-js/cn2t'

/** 简体 → 繁體, with the forms used in Taiwan: the ones people in Xiamen know from across the water. */
export const traditional = (text: string): string =>
  text
    .split(kept)
    .map((part, i) => (i % 2 === 1 ? part : convert(part)))
    .join('')

const convert: (text: string) => string = Converter({ from: 'cn', to: 'tw' })

/**
 * Names whose characters are words of another meaning elsewhere: 湖里 is no 裡, a 里 before 社区 is a neighbourhood, 仙岳 no 嶽, and
 * 范, 余, 于 … before a title are people.
 */
const kept =
  /(湖里|胡里山|仙岳|里(?=社区|小区|街道|路)|[范余于岳郁涂占游云种](?=社工|督导|护理|护士|老师|主任|站长|协调员|咨询师|医生|阿姨|先生|女士))/u
