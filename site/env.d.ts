/** Modules that the build makes (site/build/), and style sheets. */
declare module 'virtual:lessons' {
  const list: readonly import('./app/lessons.ts').LessonAbout[];
  export default list;
}
declare module 'virtual:completion' {
  const table: import('../core/index.ts').CompletionTable;
  export default table;
}
declare module 'virtual:engine' {
  /** Where the worker's script is. */
  const address: string;
  export default address;
}
declare module '*.css';
