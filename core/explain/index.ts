/** Makes `cutaway explain` answer wherever this is imported. */
import { answer } from './answer.ts';
import { registerExplainer } from './line.ts';

registerExplainer(answer);
