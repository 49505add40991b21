import { readFile, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parse } from 'csv-parse/sync'
import { readSheet } from 'read-excel-file/node'
import writeSheets from 'write-excel-file/node'
import type { Cell } from '../domain/rota-cells.ts'

/** Tables on disk: XLSX, or CSV as any office program writes it. */

/** What a person can mend about a file. */
export class FileError extends Error {
  override readonly name = 'FileError'
}

export async function readTable(path: string): Promise<Cell[][]> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes) throw new FileError(`打不开文件：${path}`)
  try {
    return isZip(bytes) ? (await readSheet(bytes)).map((row) => row.map(cellOf)) : csvCells(bytes)
  } catch {
    throw new FileError(`${path} 不是能读的表格。请存成 .xlsx 或 .csv`)
  }
}

/** A sheet a name; CSV holds the first only. */
export async function writeTable(
  path: string,
  sheets: readonly {
    readonly name: string
    readonly rows: readonly (readonly string[])[]
    readonly widths: readonly number[]
  }[],
): Promise<void> {
  if (extname(path).toLowerCase() === '.csv') {
    const lines = (sheets[0]?.rows ?? []).map((row) => row.map(quoted).join(','))
    // The mark at the beginning tells Excel that it is UTF-8.
    return writeFile(path, `\uFEFF${lines.join('\r\n')}\r\n`)
  }
  if (extname(path).toLowerCase() !== '.xlsx') throw new FileError(`文件名要以 .xlsx 或 .csv 结尾：${path}`)
  await writeSheets(
    sheets.map(({ name, rows, widths }) => ({
      sheet: name,
      columns: widths.map((width) => ({ width })),
      stickyRowsCount: 1,
      data: rows.map((row, i) => row.map((value) => (i === 0 ? { value, fontWeight: 'bold' as const } : { value }))),
    })),
  ).toFile(path)
}

const isZip = (bytes: Buffer): boolean => bytes.subarray(0, 2).toString('latin1') === 'PK'

/** Excel on a Chinese Windows writes CSV in GB 18030; everybody else in UTF-8. */
function csvCells(bytes: Buffer): Cell[][] {
  const text = decoded(bytes)
  if (text.includes('\u0000')) throw new FileError('not a text file')
  return parse(text, { bom: true, relax_column_count: true, skip_empty_lines: false, trim: true })
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030', { fatal: true }).decode(bytes)
  }
}

/** The library's types name the class where an instance stands. */
function cellOf(value: unknown): Cell {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Date
    ? value
    : null
}

/** A value that begins like a formula must not become one in somebody's spreadsheet. */
function quoted(value: string): string {
  const safe = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
