/** The browser that pages are tried in; undefined on a machine that has none, and then it is said which tests are skipped. */
import { existsSync } from 'node:fs'

export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(path =>
  existsSync(path),
)
if (CHROMIUM === undefined) console.warn('no Chromium on this machine: pages are not tried in a browser')
