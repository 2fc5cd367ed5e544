/**
 * Makes the site work without a network after the first visit. VERSION, FIRST and REST are written in when the site is built.
 *
 * Kept true: only files of the site are answered from the cache; a new version is fetched whole before it takes over, and the
 * page itself always comes from the server when there is one.
 */
const version = 'VERSION';
const first = ['FIRST'];
const rest = ['REST'];
const name = `cutaway-${version}`;
const mine = new Set([...first, ...rest].map((path) => new URL(path, self.registration.scope).href));
const page = new URL('./', self.registration.scope).href;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(name)
      .then((cache) => cache.addAll(first))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((old) => old.startsWith('cutaway-') && old !== name).map((old) => caches.delete(old))),
      )
      .then(() => self.clients.claim()),
  );
});

// Large parts that a reader may never open are fetched when the page has time for it.
self.addEventListener('message', (event) => {
  if (event.data === 'fetch the rest') event.waitUntil(caches.open(name).then((cache) => cache.addAll(rest)));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const url = new URL(request.url);
  url.search = '';
  url.hash = '';
  if (request.mode === 'navigate' && (url.href === page || url.href === `${page}index.html`)) {
    event.respondWith(fetch(request).catch(() => caches.match(page)));
  } else if (mine.has(url.href)) {
    event.respondWith(caches.match(url.href).then((found) => found ?? fetch(request)));
  }
});
