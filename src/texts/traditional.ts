import { Converter } from 'opencc-js/cn2t'

/** 简体 → 繁體, with the forms used in Taiwan: the ones people in Xiamen know from across the water. */
export const traditional: (text: string) => string = Converter({ from: 'cn', to: 'tw' })
