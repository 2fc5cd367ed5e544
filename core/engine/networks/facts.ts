/** Networks as the Observation has them: those with a bridge, and who is on them by which names. */
import type { NetworkFacts } from '../../observation.ts';
import { dottedIp } from '../network.ts';
import type { Container, Engine, Network } from '../world.ts';
import { allNetworks, membersOf } from './model.ts';

export function networkFacts(engine: Engine): readonly NetworkFacts[] {
  return allNetworks(engine).flatMap((network): NetworkFacts[] => {
    const { name, bridge, subnet, internal } = network;
    if (bridge === undefined) return [];
    const members = membersOf(engine, network).flatMap((each) => memberFacts(each, network));
    return [{ name, bridge: bridge.name, subnet: subnet?.text ?? '', internal, members }];
  });
}

function memberFacts({ id, places }: Container, network: Network): NetworkFacts['members'] {
  const device = Object.values(places ?? {}).find((each) => each.network === network.id)?.device;
  if (device === undefined) return [];
  return [{ container: id, ip: dottedIp(device.ip), names: device.known?.names ?? [] }];
}
