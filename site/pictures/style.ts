/** Gives the page the colours and shapes of the pictures, before the first is drawn. */
import { pictureSheet } from '../../core/index.ts';

const styles = new CSSStyleSheet();
styles.replaceSync(pictureSheet());
document.adoptedStyleSheets = [...document.adoptedStyleSheets, styles];
