/**
 * Names of images as people write them, `[host[:port]/]path[:tag][@digest]`, and what Docker makes of them: official images
 * of Docker Hub have the short ("familiar") name. Source: docker/distribution reference/reference.go and normalize.go, whose
 * grammar and messages these are.
 */
import { UsageError } from '../errors.ts';
import type { Digest } from '../op.ts';
import { isDigest } from './digest.ts';

/** A name with a repository. */
export interface Named {
  readonly domain: string;
  /** Path of the repository on its host: `library/busybox`. */
  readonly path: string;
  /** Repository as Docker shows it: `busybox`, `user/app`, `localhost:5000/app`. */
  readonly familiar: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** A name, or a whole image ID. */
export type Reference = { readonly named: Named } | { readonly id: Digest };

/** What was typed is no name; the message is Docker's. */
export class InvalidName extends UsageError {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidName';
  }
}

const HUB = 'docker.io';
const alnum = '[a-z0-9]+';
const component = `${alnum}(?:(?:[._]|__|[-]*)${alnum})*`;
const domainPart = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domain = `${domainPart}(?:\\.${domainPart})*(?::[0-9]+)?`;
const tag = '[\\w][\\w.-]{0,127}';
const digest = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const whole = new RegExp(`^(${domain})/(${component}(?:/${component})*)(?::(${tag}))?(?:@(${digest}))?$`);
const NAME_MAX = 255;

/** The names parsed last: one command looks at the same name several times. */
const parsedLately = new Map<string, Named>();
const MOST_PARSED = 100;

/** Parses a name; throws InvalidName with Docker's message. */
export function parseNamed(text: string): Named {
  const known = parsedLately.get(text);
  if (known !== undefined) return known;
  const named = parse(text);
  if (parsedLately.size >= MOST_PARSED) parsedLately.clear();
  parsedLately.set(text, named);
  return named;
}

function parse(text: string): Named {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw new InvalidName(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const { host, rest } = splitDomain(text);
  const remote = rest.includes(':') ? rest.slice(0, rest.indexOf(':')) : rest;
  if (remote.toLowerCase() !== remote) {
    throw new InvalidName('invalid reference format: repository name must be lowercase');
  }
  const match = whole.exec(`${host}/${rest}`);
  if (match === null) throw new InvalidName('invalid reference format');
  const [, name = '', path = '', label, hash] = match;
  if (name.length + 1 + path.length > NAME_MAX) {
    throw new InvalidName(`repository name must not be more than ${NAME_MAX} characters`);
  }
  if (hash !== undefined && !isDigest(hash)) throw new InvalidName(digestProblem(hash));
  return {
    domain: name,
    path,
    familiar: familiarOf(name, path),
    ...(label === undefined ? {} : { tag: label }),
    ...(hash !== undefined && isDigest(hash) ? { digest: hash } : {}),
  };
}

function digestProblem(hash: string): string {
  return /^sha(256|384|512):/.test(hash) ? 'invalid checksum digest length' : 'unsupported digest algorithm';
}

/** The first part is a host when it looks like one: a dot, a port, or `localhost`. */
function splitDomain(text: string): { host: string; rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isHost = slash !== -1 && (/[.:]/.test(first) || first === 'localhost');
  const host = isHost ? (first === 'index.docker.io' ? HUB : first) : HUB;
  const rest = isHost ? text.slice(slash + 1) : text;
  return { host, rest: host === HUB && !rest.includes('/') ? `library/${rest}` : rest };
}

function familiarOf(host: string, path: string): string {
  if (host !== HUB) return `${host}/${path}`;
  return /^library\/[^/]+$/.test(path) ? path.slice('library/'.length) : path;
}

/** Parses what may be a name or a whole ID, with or without `sha256:`. */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) return { id: `sha256:${text}` };
  if (isDigest(text)) return { id: text };
  return { named: parseNamed(text) };
}

/** As Docker shows a name: familiar repository, tag, digest, whatever it has. */
export function familiarString({ familiar, tag: label, digest: hash }: Named): string {
  return familiar + (label === undefined ? '' : `:${label}`) + (hash === undefined ? '' : `@${hash}`);
}

/** The name with the tag that is meant when none is given: `latest`. */
export function tagNameOnly(named: Named): Named {
  return named.tag === undefined && named.digest === undefined ? { ...named, tag: 'latest' } : named;
}

/** `repository:tag` for what was typed. */
export function familiarTag(text: string): string {
  return familiarString(tagNameOnly(parseNamed(text)));
}
