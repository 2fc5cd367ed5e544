/** Registers the service worker, once the page is usable; browsers without one, and pages from files, do without. */
export function keepForOffline(): void {
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined || !location.protocol.startsWith('http')) return;
  serviceWorker
    .register('./service-worker.js')
    .then(() => serviceWorker.ready)
    .then(({ active }) => setTimeout(() => active?.postMessage('fetch the rest'), 5_000))
    .catch(() => {
      // Not allowed here: the page works, with a network.
    });
}
