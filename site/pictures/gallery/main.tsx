/**
 * A page for looking at the pictures while working on them, and for their tests in a browser; not part of the built site.
 * `?story=two&kind=stack&width=900&theme=dark&at=1`
 */
import { render } from 'preact';
import { useState } from 'preact/hooks';
import '../pictures.css';
import type { PictureKind, Point } from '../../../core/index.ts';
import {
  HostPicture,
  ImagesPicture,
  LifecyclePicture,
  NetworkPicture,
  StackPicture,
  TextTwin,
  UnionPicture,
} from '../index.ts';
import { bridged, momentsOf, sceneOf, stories } from './scenes.ts';

const query = new URLSearchParams(location.search);
const name = query.get('story') ?? 'running';
const width = Number(query.get('width') ?? 900);
const kind = query.get('kind') ?? 'stack';
const theme = query.get('theme') ?? 'light';
document.documentElement.dataset.theme = theme;
document.body.style.cssText = `margin: 12px; background: ${theme === 'dark' ? '#14181f' : '#ffffff'}; color: ${theme === 'dark' ? '#eee' : '#222'}; font-family: sans-serif`;

const bridge = name in bridged;
const lines = { ...stories, ...bridged }[name] ?? [];
const moments = query.has('steps') ? momentsOf(lines, bridge) : [sceneOf(lines, bridge)];

function Gallery() {
  const [at, setAt] = useState(0);
  const [point, setPoint] = useState<Point | undefined>(undefined);
  const scene = moments[at]!;
  return (
    <main>
      <h1 style="font-size: 14px">{name}</h1>
      {moments.length > 1 ? (
        <button type="button" id="next" onClick={() => setAt((at + 1) % moments.length)}>
          next
        </button>
      ) : null}
      {kind === 'stack' ? (
        <StackPicture
          scene={scene}
          width={width}
          motion={query.get('motion') !== 'no'}
          lit={point}
          onPoint={setPoint}
        />
      ) : null}
      {kind === 'images' ? (
        <ImagesPicture
          scene={scene}
          width={width}
          motion={query.get('motion') !== 'no'}
          lit={point}
          onPoint={setPoint}
        />
      ) : null}
      {kind === 'host' ? (
        <HostPicture scene={scene} width={width} motion={query.get('motion') !== 'no'} lit={point} onPoint={setPoint} />
      ) : null}
      {kind === 'network' ? (
        <NetworkPicture
          scene={scene}
          width={width}
          motion={query.get('motion') !== 'no'}
          lit={point}
          onPoint={setPoint}
        />
      ) : null}
      {kind === 'union' ? <UnionPicture scene={scene} lit={point} onPoint={setPoint} /> : null}
      {kind === 'lifecycle' ? <LifecyclePicture scene={scene} /> : null}
      {kind.startsWith('text-') ? <TextTwin scene={scene} kind={kind.slice(5) as PictureKind} heading="h2" /> : null}
      <a href="#top" style="color: inherit">
        to the top
      </a>
    </main>
  );
}

render(<Gallery />, document.body);
