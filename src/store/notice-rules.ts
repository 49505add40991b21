import { NoticeRules, noRules } from '../domain/notice-rules.ts'
import type { Db, Tx } from './db.ts'
import { setSetting, setting } from './settings.ts'

const key = 'notices'

/** As the district file has them; without any, no link is allowed and there is no template. */
export async function noticeRules(tx: Tx | Db): Promise<NoticeRules> {
  const stored = await setting(tx, key)
  return stored === undefined ? noRules : NoticeRules.parse(JSON.parse(stored))
}

export const setNoticeRules = (tx: Tx, rules: NoticeRules): Promise<void> => setSetting(tx, key, JSON.stringify(rules))
