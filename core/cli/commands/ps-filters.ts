/**
 * Which containers `docker ps` lists, and in which the flags and filters leave them (moby daemon/list.go foldFilter,
 * includeContainerInList).
 *
 * Kept true: a wrong value is refused whatever containers there are.
 */
import { type Container, DockerError, listContainers, networking, statusOf } from '../../engine/index.ts';
import { findContainer, lookUpImage } from '../../engine/lookup.ts';
import { modeOf } from '../../engine/network.ts';
import type { FlagValues } from '../flags.ts';
import { goQuote } from '../go.ts';
import type { Cli } from '../spec.ts';
import { type Filters, matches, readFilters } from './filters.ts';

const known = [
  ...['ancestor', 'before', 'exited', 'expose', 'health', 'id', 'is-task', 'isolation', 'label', 'name', 'network'],
  ...['publish', 'since', 'status', 'volume'],
];
const states = ['created', 'dead', 'exited', 'paused', 'removing', 'restarting', 'running'];
const healths = ['starting', 'healthy', 'unhealthy', 'none'];
const alive: readonly string[] = ['running', 'paused', 'restarting'];

/** Newest first. Throws DockerError. */
export function chosenContainers(cli: Cli, flags: FlagValues): readonly Container[] {
  const filters = readFilters('ps', flags.list('filter'), { known, acts: known });
  const isNamed = (container: Container): boolean =>
    filters.any('name', (value) => matches(value, `/${container.name}`) || matches(value, container.name)) &&
    filters.any('id', (value) => container.id.startsWith(value) || matches(value, container.id));
  const passes = testOf(cli, filters);
  const last = flags.bool('latest') ? 1 : flags.int('last');
  const all = flags.bool('all') || last > 0 || filters.of('status').length > 0 || filters.of('exited').length > 0;
  const matching = between(cli, filters, listContainers(cli.engine).filter(isNamed)).filter(
    (container) => (all || alive.includes(statusOf(container))) && passes(container),
  );
  return last > 0 ? matching.slice(0, last) : matching;
}

function testOf(cli: Cli, filters: Filters): (container: Container) => boolean {
  for (const value of filters.of('status'))
    if (!states.includes(value)) throw new DockerError(`Invalid filter 'status=${value}'`, 'invalid');
  for (const value of filters.of('health'))
    if (!healths.includes(value)) throw new DockerError(`Unrecognised filter value for health: ${value}`, 'system');
  const exits = filters.of('exited').map(exitNumber);
  const isTask = filters.bool('is-task') === true;
  const hasPort = portTest(cli, filters);
  const { images } = cli.engine.world;
  return (container) =>
    !isTask &&
    filters.any('status', (value) => value === statusOf(container)) &&
    // None has a health check: what they say of their health is that they have none.
    filters.any('health', (value) => value === 'none') &&
    (exits.length === 0 || (statusOf(container) === 'exited' && exits.includes(container.state.context.exitCode))) &&
    filters.any('network', (value) => isOn(cli, container, value)) &&
    filters.any('ancestor', (value) => lookUpImage(images, value)?.id === container.imageId) &&
    filters.any('volume', (value) => hasMount(container, value)) &&
    (hasPort === undefined || hasPort(container)) &&
    filters.labels('label', container.config.Labels ?? {});
}

function exitNumber(value: string): number {
  if (/^[+-]?\d+$/.test(value)) return Number(value);
  throw new DockerError(`strconv.Atoi: parsing ${goQuote(value)}: invalid syntax`, 'system');
}

/** A container passes by any of the ports, of the host or its own. */
function portTest({ engine }: Cli, filters: Filters): ((container: Container) => boolean) | undefined {
  const tests = (['publish', 'expose'] as const).flatMap((name) =>
    filters.of(name).map((value) => networking().portFilter(name, value)),
  );
  if (tests.length === 0) return undefined;
  return (container) => engine.facts.bridge === true && tests.some((passes) => passes(container));
}

/** Those after the container of `before`, and those until the one of `since`. Without it in the list nothing is after it. */
function between({ engine }: Cli, filters: Filters, list: readonly Container[]): readonly Container[] {
  const named = (name: string): Container | undefined => {
    const [value] = filters.of(name);
    if (value === undefined) return undefined;
    try {
      return findContainer(engine, value);
    } catch {
      throw new DockerError(`no such container ${value}`, 'notFound');
    }
  };
  const [before, since] = [named('before'), named('since')];
  const from = before === undefined ? 0 : list.indexOf(before) + 1 || list.length;
  const until = since === undefined ? -1 : list.indexOf(since);
  return list.slice(from, until < 0 ? list.length : until);
}

const hasMount = ({ mounts = [] }: Container, value: string): boolean =>
  mounts.some((point) => [point.at, point.name, point.source].includes(value));

/** By name or ID of the network. */
function isOn(cli: Cli, container: Container, wanted: string): boolean {
  if (networksOf(cli, container).includes(wanted)) return true;
  if (cli.engine.facts.bridge !== true) return false;
  const { attachments } = networking();
  return Object.values(attachments(container)).some(({ networkId }) => networkId !== undefined && networkId === wanted);
}

/** Names of the networks that it is on. */
export function networksOf({ engine }: Cli, container: Container): readonly string[] {
  if (engine.facts.bridge === true) return Object.keys(networking().attachments(container));
  return [modeOf(container)];
}
