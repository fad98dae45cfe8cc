/** Puts the tree of what extensions contain below their OCTET STRINGs, in CRLs and OCSP messages. */
import type { AnnotatedNode } from '../../codec/codec.js';
import { annotateDer, type Der, decodeDer, octetString } from '../der/index.js';
import { oidName } from '../oids.js';

/** Opens every extension in the tree whose syntax is in `syntaxes`. */
export function openExtensions(
  node: AnnotatedNode,
  bytes: Uint8Array,
  syntaxes: Readonly<Record<string, Der<unknown>>>,
): AnnotatedNode {
  if (node.type === 'Extension') return openOne(node, bytes, syntaxes);
  if (node.children.length === 0) return node;
  return { ...node, children: node.children.map((child) => openExtensions(child, bytes, syntaxes)) };
}

function openOne(
  node: AnnotatedNode,
  bytes: Uint8Array,
  syntaxes: Readonly<Record<string, Der<unknown>>>,
): AnnotatedNode {
  const id = /\d+(\.\d+)+/.exec(node.children[0]?.value ?? '')?.[0];
  const value = node.children.at(-1);
  const syntax = id === undefined ? undefined : syntaxes[id];
  if (!syntax || !value || value.name !== 'extnValue' || value.error) return node;
  const content = decodeDer(octetString, bytes.subarray(value.start, value.end));
  const child = moved(annotateDer(syntax, content, oidName(id!) ?? id!), value.end - content.length);
  const error = child.error;
  const opened = { ...value, value: '', children: [child], ...(error && { error }) };
  return { ...node, children: [...node.children.slice(0, -1), opened], ...(error && { error }) };
}

export function moved(node: AnnotatedNode, by: number): AnnotatedNode {
  return {
    ...node,
    start: node.start + by,
    end: node.end + by,
    children: node.children.map((child) => moved(child, by)),
  };
}
