/** One thing people say and the label it speaks for; `weight`: how sure one hit makes, 1 is nearly certain alone. */
export interface Rule<L extends string> {
  readonly label: L
  readonly weight: number
  readonly pattern: RegExp
}

export function rule<L extends string>(label: L, weight: number, pattern: RegExp): Rule<L> {
  return { label, weight, pattern }
}
