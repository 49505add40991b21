/** A theme of the field: things people say that have to do with a label. */
export interface Theme<L extends string> {
  readonly label: L
  readonly pattern: RegExp
}

/** One thing people say and the label it speaks for; `weight`: how sure one hit makes, 1 is nearly certain alone. */
export interface Rule<L extends string> extends Theme<L> {
  readonly weight: number
}

export function rule<L extends string>(label: L, weight: number, pattern: RegExp): Rule<L> {
  return { label, weight, pattern }
}

export function theme<L extends string>(label: L, pattern: RegExp): Theme<L> {
  return { label, pattern }
}
