/** Two moments compared. Loaded when it is first opened: `const { Compare } = await import('./compare/index.ts')`. */
export { Compare, type CompareProps } from './panel.tsx';
