/** Stands in for Mermaid where the page is one file: it would be three times as large. The chart is shown as text there. */
throw new Error('a page opened from a file does not carry the code that draws it');
export default {};
