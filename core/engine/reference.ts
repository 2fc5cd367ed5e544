/** Names of images as the engine takes them: `repository:tag`, or an image ID. The grammar is core/image/reference.ts. */
import { familiarString, InvalidName, parseReference, tagNameOnly } from '../image/reference.ts';
import { DockerError } from './errors.ts';

/** `repository:tag` for what was typed, or undefined for an image ID. Throws for what can be neither. */
export function familiarName(given: string): string | undefined {
  try {
    const reference = parseReference(given);
    return 'id' in reference ? undefined : familiarString(tagNameOnly(reference.named));
  } catch (error) {
    if (error instanceof InvalidName) throw new DockerError(error.message, 'invalid');
    throw error;
  }
}

/** The repository of a `repository:tag`. */
export const repositoryOf = (name: string): string => name.slice(0, name.lastIndexOf(':'));
