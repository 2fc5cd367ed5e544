/**
 * Goals about containers: their state, their process space, what is left of them.
 */
import type { ContainerFacts } from '../../observation.ts';
import { form } from './form.ts';
import { containerNamed, imageNamed, noImage, withContainer } from './look.ts';
import { command, count, image, name, namespaceKind, status } from './slot.ts';

const isAlive = ({ status }: ContainerFacts): boolean => status === 'running' || status === 'paused';

export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

export const containerForms = [
  form('status', 'container <container> is <status>', { container: name, status }, (goal, observation) =>
    withContainer(observation, goal.container, (container) =>
      container.status === goal.status
        ? undefined
        : `container ${goal.container} is ${container.status}, not ${goal.status} yet`,
    ),
  ),
  form('notStatus', 'container <container> is not <status>', { container: name, status }, (goal, observation) =>
    withContainer(observation, goal.container, (container) =>
      container.status === goal.status ? `container ${goal.container} is still ${goal.status}` : undefined,
    ),
  ),
  form('containerExists', 'container <container> exists', { container: name }, (goal, observation) =>
    withContainer(observation, goal.container, () => undefined),
  ),
  form('containerMissing', 'container <container> is missing', { container: name }, (goal, observation) =>
    containerNamed(observation, goal.container) === undefined
      ? undefined
      : `container ${goal.container} is still there`,
  ),
  form('nothingLeft', 'nothing is left of <thing>', { thing: image }, (goal, observation) => {
    if (containerNamed(observation, goal.thing) !== undefined) return `container ${goal.thing} is still there`;
    return imageNamed(observation, goal.thing) === undefined ? undefined : `image ${goal.thing} is still there`;
  }),
  form(
    'exitCode',
    'container <container> ended with exit code <code>',
    { container: name, code: count },
    (goal, observation) =>
      withContainer(observation, goal.container, (container) => {
        if (container.status !== 'exited' && container.status !== 'dead')
          return `container ${goal.container} is ${container.status}, it has not ended`;
        return container.exitCode === goal.code
          ? undefined
          : `container ${goal.container} ended with exit code ${container.exitCode}, not ${goal.code}`;
      }),
  ),
  form(
    'madeFrom',
    'container <container> is made from image <image>',
    { container: name, image },
    (goal, observation) =>
      withContainer(observation, goal.container, (container) => {
        const wanted = imageNamed(observation, goal.image);
        if (wanted === undefined) return noImage(goal.image);
        return container.imageId === wanted.id
          ? undefined
          : `container ${goal.container} is made from image ${container.image}, not from ${goal.image}`;
      }),
  ),
  form('runs', 'container <container> runs <command>', { container: name, command }, (goal, observation) =>
    withContainer(observation, goal.container, (container) => {
      if (!isAlive(container)) return `container ${goal.container} is ${container.status}: nothing runs in it`;
      return container.processes.some(({ args }) => args.join(' ') === goal.command)
        ? undefined
        : `no process ${goal.command} runs in container ${goal.container}`;
    }),
  ),
  form(
    'processes',
    'container <container> has <number> {processes|process}',
    { container: name, number: count },
    (goal, observation) =>
      withContainer(observation, goal.container, ({ processes }) =>
        processes.length === goal.number
          ? undefined
          : `container ${goal.container} has ${plural(processes.length, 'process', 'processes')}, not ${goal.number}`,
      ),
  ),
  form(
    'ownNamespace',
    'container <container> has its own <namespace> namespace',
    { container: name, namespace: namespaceKind },
    (goal, observation) =>
      withContainer(observation, goal.container, (container) => {
        const owner = container.namespaces?.[goal.namespace];
        if (owner === undefined) return `container ${goal.container} is ${container.status}: it has no namespaces`;
        return owner === 'own' ? undefined : `container ${goal.container} shares the ${goal.namespace} namespace`;
      }),
  ),
  form('containers', 'there {are|is} <number> {containers|container}', { number: count }, (goal, { containers }) =>
    containers.length === goal.number
      ? undefined
      : `there ${containers.length === 1 ? 'is' : 'are'} ${plural(containers.length, 'container')}, not ${goal.number}`,
  ),
  form(
    'containersIn',
    '<number> {containers are|container is} <status>',
    { number: count, status },
    (goal, { containers }) => {
      const found = containers.filter((container) => container.status === goal.status).length;
      const word = found === 1 ? 'is' : 'are';
      return found === goal.number
        ? undefined
        : `${plural(found, 'container')} ${word} ${goal.status}, not ${goal.number}`;
    },
  ),
] as const;
