import { execFileSync } from 'node:child_process'
import { root } from './linbang.ts'

/** The training thread and the pages run from the build, so the build is of the sources under test. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
}
