/** The pictures of the site; what is drawn comes from a Scene and from nothing else. Styles: pictures.css, imported by the page. */
export { LifecyclePicture, type LifecyclePictureProps } from './lifecycle.tsx';
export { type Lit, lightOf, type Point, samePoint } from './point.ts';
export { StackPicture, type StackPictureProps } from './stack.tsx';
export { copyAsMermaid, pictureNames, TextTwin, type TextTwinProps } from './twin.tsx';
export { UnionPicture, type UnionPictureProps } from './union.tsx';
