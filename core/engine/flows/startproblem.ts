/** How a start that failed is worded: runc's sentence, as the daemon passes it on. */
import { DockerError } from '../errors.ts';

export const RUNC = 'failed to create shim task: OCI runtime create failed: runc create failed: ';

export const startProblem = (reason: string, prefix = RUNC): DockerError =>
  new DockerError(`${prefix}unable to start container process: ${reason}: unknown`, 'system');
