/** Opened from a file, browsers refuse modules: the page as one classic script takes their place. */
if (location.protocol === 'file:') {
  const script = document.createElement('script');
  script.src = './from-file.js';
  document.head.append(script);
}
