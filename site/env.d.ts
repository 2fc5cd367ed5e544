/** Modules that the build makes (site/build/), and style sheets. */
declare module 'virtual:lessons' {
  const list: readonly import('./app/lessons.ts').LessonAbout[];
  export default list;
}
declare module '*.css';
