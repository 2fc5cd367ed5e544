/**
 * Model and reality side by side, when the program that serves the page can carry a real kernel to it. Loaded only then:
 * `const { RealityPanel } = await import('./reality/index.ts')` after `takeToken()` (token.ts) has given a token.
 */
export { RealityPanel, type RealityPanelProps } from './panel.tsx';
