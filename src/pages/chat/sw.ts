/**
 * The page opens without a network: its own files, and nothing of any talk, are kept by the browser. The network comes
 * first, so a new version is seen at once.
 */
interface Waits extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Fetches extends Waits {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
/** What a service worker's `self` offers of what is used here. */
interface Worker {
  addEventListener(type: 'install' | 'activate', heard: (event: Waits) => void): void
  addEventListener(type: 'fetch', heard: (event: Fetches) => void): void
  skipWaiting(): Promise<void>
  readonly clients: { claim(): Promise<void> }
}
const worker = self as unknown as Worker

const shelf = 'linbang-page'
const files = ['/', '/pages/chat.css', '/pages/chat.js', '/pages/icon.svg', '/manifest.webmanifest']

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(shelf)
      .then((kept) => kept.addAll(files))
      .then(() => worker.skipWaiting()),
  )
})
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))
worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request
  const { pathname, origin } = new URL(url)
  if (method !== 'GET' || origin !== location.origin || !files.includes(pathname)) return
  event.respondWith(fromNetworkFirst(event.request, pathname))
})

async function fromNetworkFirst(request: Request, pathname: string): Promise<Response> {
  const kept = await caches.open(shelf)
  try {
    const response = await fetch(request)
    if (response.ok) await kept.put(pathname, response.clone())
    // A server that is being restarted answers with an error page: the kept page is more use.
    return response.ok ? response : ((await kept.match(pathname)) ?? response)
  } catch (error) {
    const before = await kept.match(pathname)
    if (before) return before
    throw error
  }
}
