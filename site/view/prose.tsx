/**
 * A lesson's text as elements. Kept true: everything becomes an element or a text node of ours, nothing is ever read as HTML;
 * links lead to http(s) only.
 */
import type { JSX } from 'preact';
import type { Inline, ProseNode } from '../../core/index.ts';

export function Prose({ nodes }: { readonly nodes: readonly ProseNode[] }): JSX.Element {
  return <>{nodes.map((node, i) => block(node, i))}</>;
}

function block(node: ProseNode, key: number): JSX.Element {
  if (node.kind === 'heading') return heading(node.level, inlines(node.content), key);
  if (node.kind === 'paragraph') return <p key={key}>{inlines(node.content)}</p>;
  if (node.kind === 'quote') return <blockquote key={key}>{node.content.map(block)}</blockquote>;
  if (node.kind === 'rule') return <hr key={key} />;
  if (node.kind === 'table') return table(node, key);
  if (node.kind === 'list') {
    const items = node.items.map((item, i) => <li key={String(i)}>{item.map(block)}</li>);
    return node.ordered ? <ol key={key}>{items}</ol> : <ul key={key}>{items}</ul>;
  }
  return (
    <pre key={key} tabindex={0}>
      <code>{node.text}</code>
    </pre>
  );
}

/** The page's title is its first heading; a lesson's begin below it. */
function heading(level: number, content: JSX.Element[], key: number): JSX.Element {
  if (level <= 2) return <h3 key={key}>{content}</h3>;
  return level === 3 ? <h4 key={key}>{content}</h4> : <h5 key={key}>{content}</h5>;
}

function table(node: Extract<ProseNode, { kind: 'table' }>, key: number): JSX.Element {
  return (
    <table key={key}>
      <thead>
        <tr>
          {node.head.map((cell, i) => (
            <th key={String(i)}>{inlines(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {node.rows.map((row, i) => (
          <tr key={String(i)}>
            {row.map((cell, j) => (
              <td key={String(j)}>{inlines(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const inlines = (content: readonly Inline[]): JSX.Element[] => content.map((item, i) => inline(item, i));

function inline(item: Inline, key: number): JSX.Element {
  if (item.kind === 'text') return <span key={key}>{item.text}</span>;
  if (item.kind === 'code') return <code key={key}>{item.text}</code>;
  if (item.kind === 'link') return link(item, key);
  const Tag = item.kind;
  return <Tag key={key}>{inlines((item as Emphasis).content)}</Tag>;
}

type Emphasis = Extract<Inline, { readonly content: unknown }>;

function link(item: Extract<Inline, { kind: 'link' }>, key: number): JSX.Element {
  if (!/^https?:\/\//i.test(item.href)) return <span key={key}>{inlines(item.content)}</span>;
  return (
    <a key={key} href={item.href} rel="noopener noreferrer" target="_blank">
      {inlines(item.content)}
    </a>
  );
}
