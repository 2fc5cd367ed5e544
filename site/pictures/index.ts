/** The pictures of the site; what is drawn comes from a Scene and from nothing else. Styles: style.ts, and pictures.css, imported by the page. */
import './style.ts';

export { HostPicture } from './host.tsx';
export { ImagesPicture } from './images.tsx';
export { LifecyclePicture, type LifecyclePictureProps } from './lifecycle.tsx';
export { NetworkPicture } from './network.tsx';
export { type PictureProps, StackPicture } from './stack.tsx';
export { copyAsMermaid, TextTwin, type TextTwinProps } from './twin.tsx';
export { UnionPicture, type UnionPictureProps } from './union.tsx';
