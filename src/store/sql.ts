import pg from 'pg'

/** What may stand between the braces of a statement; `undefined` is NULL, JSON is passed as text. */
export type Parameter = string | number | boolean | Date | null | undefined | readonly (string | number)[] | Constant

/** Hand-written SQL as named prepared statements on a plain connection. Rows have the shape the statement selects. */
export interface Statements {
  /** The rows of one statement. */
  sql<Row>(text: TemplateStringsArray, ...parameters: readonly Parameter[]): Promise<Row[]>
  /** How many rows it touched. */
  run(text: TemplateStringsArray, ...parameters: readonly Parameter[]): Promise<number>
}

/** A statement to be given to one of these, for one that is sent in more ways than one. */
export const statement = (
  text: TemplateStringsArray,
  ...parameters: Parameter[]
): [TemplateStringsArray, ...Parameter[]] => [text, ...parameters]

/** A piece of SQL that stands in several statements and never changes. */
export class Constant {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What PostgreSQL refused, without its details: they may quote a row, and with it what somebody wrote. */
export class SqlError extends Error {
  override readonly name = 'SqlError'
  /** SQLSTATE. */
  readonly code: string | undefined
  readonly constraint: string | undefined
  constructor({ code, constraint, message }: pg.DatabaseError) {
    super(code === undefined ? message : `${message} (${code})`)
    this.code = code
    this.constraint = constraint
  }
}

export const wordless = (error: unknown): unknown => (error instanceof pg.DatabaseError ? new SqlError(error) : error)

export interface Query {
  readonly name: string
  readonly text: string
  readonly values: unknown[]
}

/** The query of a template: its text is put together once, PostgreSQL parses it once a connection. */
export function queryOf(template: TemplateStringsArray, parameters: readonly Parameter[]): Query {
  const { name, text } = known.get(template) ?? prepare(template, parameters)
  return { name, text, values: parameters.filter((parameter) => !(parameter instanceof Constant)) }
}

const known = new WeakMap<TemplateStringsArray, { readonly name: string; readonly text: string }>()
let count = 0

/** The first use decides which constants stand in a template: they are written in it, not handed to it. */
function prepare(template: TemplateStringsArray, parameters: readonly Parameter[]) {
  let slots = 0
  const pieces = template.map((piece, i) => {
    if (i >= parameters.length) return piece
    const parameter = parameters[i]
    return piece + (parameter instanceof Constant ? parameter.text : `$${++slots}`)
  })
  const statement = { name: `linbang_${++count}`, text: pieces.join('') }
  known.set(template, statement)
  return statement
}
