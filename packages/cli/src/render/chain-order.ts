/** Chains as a list from the leaf upwards, with what is missing and what is superfluous. */
import { printable } from 'akushu/diagnose';
import type { ChainOrder, OrderedChain } from '../chain-order.js';
import type { Style } from '../output.js';
import { heading, paragraph, row } from './layout.js';

const MAX_CHAINS = 5;
const MAX_SUPERFLUOUS = 10;

/** Nothing for a single root, about which there is nothing to say. */
export function chainOrderLines(order: ChainOrder, style: Style): string[] {
  const { chains, superfluous, duplicates, inOrder } = order;
  const { chain: words, more } = style.words.inspect;
  const { yellow } = style.colors;
  const isTelling = chains.some(({ certificates, missing }) => certificates.length > 1 || missing);
  if (!isTelling && superfluous.length === 0 && duplicates === 0) return [];
  // Roots alone need no list of chains.
  const tellingChains = isTelling ? chains : [];
  const say = (text: string, paint?: (text: string) => string): string[] => paragraph(text, 2, style, paint);
  return [
    ...heading(words.title, style),
    ...(chains.length > 1 ? say(words.several(chains.length)) : []),
    ...tellingChains.slice(0, MAX_CHAINS).flatMap((chain) => oneChain(chain, style)),
    ...(tellingChains.length > MAX_CHAINS ? say(more(tellingChains.length - MAX_CHAINS)) : []),
    ...(chains.length === 1 && chains[0]!.certificates.length > 1
      ? say(inOrder ? words.inOrder : words.outOfOrder, inOrder ? undefined : yellow)
      : []),
    ...superfluous
      .slice(0, MAX_SUPERFLUOUS)
      .flatMap(({ subject }) => say(words.superfluous(printable(subject.text)), yellow)),
    ...(duplicates > 0 ? say(words.duplicates(duplicates), yellow) : []),
  ];
}

function oneChain({ certificates, missing, endsInRoot }: OrderedChain, style: Style): string[] {
  const { chain: words } = style.words.inspect;
  const { colors } = style;
  const say = (text: string, paint?: (text: string) => string): string[] => paragraph(text, 2, style, paint);
  const ends = (): string[] => {
    if (missing === null && certificates.length === 1) return say(words.alone);
    if (missing === null)
      return say(
        endsInRoot ? style.words.sentences([words.complete, words.rootSuperfluous]) : words.complete,
        colors.green,
      );
    const issuer = printable(missing.issuer);
    if (missing.isSystemRoot) return say(words.rootAtHome(issuer), colors.green);
    const [address] = missing.addresses;
    return [
      ...say(words.missing(issuer), colors.red),
      ...(address === undefined ? [] : say(words.fetchFrom(printable(address)))),
    ];
  };
  return [
    ...certificates.flatMap((certificate, i) =>
      row(String(i + 1), printable(certificate.subject.text), 2, style, paintOf(i, style)),
    ),
    ...ends(),
  ];
}

const paintOf = (index: number, { colors }: Style): ((text: string) => string) =>
  index === 0 ? colors.bold : (text) => text;
