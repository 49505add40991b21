import type { Language } from '../domain/preferences.ts'
import { enPage } from './en-page.ts'
import { traditional } from './traditional.ts'
import { zhPage } from './zh-page.ts'

/** What the resident's page says, in one language. */
export function pageWords(language: Language): Readonly<Record<string, string>> {
  if (language === 'en') return enPage
  if (language === 'zh') return zhPage
  return Object.fromEntries(Object.entries(zhPage).map(([key, text]) => [key, traditional(text)]))
}

export const htmlLanguage = (language: Language): string =>
  language === 'en' ? 'en' : language === 'zh' ? 'zh-CN' : 'zh-Hant'
