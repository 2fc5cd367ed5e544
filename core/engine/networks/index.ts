/** What is behind the door of networking.ts. */

export {
  createNetwork,
  type NetworkSpec,
  type PoolSpec,
  pruneNetworks,
  removeNetwork,
  restoreNetworks,
} from './create.ts';
export { networkFacts } from './facts.ts';
export {
  attachments,
  callAnew,
  connectContainer,
  disconnectContainer,
  endpointsOf,
  leavePlaces,
  takePlaces,
} from './join.ts';
export { networkJson, settingsJson } from './json.ts';
export { allNetworks, findNetwork, isUserMade, lookUpNetwork, membersOf } from './model.ts';
export { hostLines, serversOf } from './names.ts';
export { pools } from './pools.ts';
export { portFilter, portLines, portsText, portTaken } from './ports.ts';
