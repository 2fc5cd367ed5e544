/** The verbs about networks. Loaded when one is typed (core/parts.ts). */
import type { CommandSpec } from '../../spec.ts';
import { inspectNetworkCommand } from '../inspect.ts';
import { networkConnect, networkCreate, networkDisconnect, networkPrune, networkRm } from '../network.ts';
import { networkLs } from '../network-ls.ts';

export const networksCommands: readonly CommandSpec[] = [
  networkConnect,
  networkCreate,
  networkDisconnect,
  inspectNetworkCommand,
  networkLs,
  networkPrune,
  networkRm,
];
