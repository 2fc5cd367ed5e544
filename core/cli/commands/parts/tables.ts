/** The verbs that answer with tables and templates, and the template language. Loaded when one is typed (core/parts.ts). */
import { type CommandSpec, ofContainers, under } from '../../spec.ts';
import { history } from '../history.ts';
import { images } from '../images.ts';
import { info } from '../info.ts';
import { inspect, inspectContainerCommand, inspectImageCommand } from '../inspect.ts';
import { ps } from '../ps.ts';
import { stats } from '../stats.ts';
import { top } from '../top.ts';
import { version } from '../version.ts';

export const tablesCommands: readonly CommandSpec[] = [
  ...ofContainers([stats, top]),
  ...[history, images, info, inspect, ps, version],
  under('container', ps, 'ls', ['ls', 'ps', 'list']),
  inspectContainerCommand,
  under('image', history),
  under('image', images, 'ls', ['ls', 'list']),
  inspectImageCommand,
];
