import type { CrisisKind } from '../domain/taxonomy.ts'

/** One thing people say in a crisis: what it points to, how plainly, and the words for the social worker. */
export interface LexiconRow {
  readonly kind: CrisisKind
  readonly tier: 'explicit' | 'veiled'
  readonly pattern: RegExp
  readonly because: string
}

export function row(kind: CrisisKind, tier: 'explicit' | 'veiled', pattern: RegExp, because: string): LexiconRow {
  return { kind, tier, pattern, because }
}
