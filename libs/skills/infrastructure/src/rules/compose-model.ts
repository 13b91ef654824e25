// A compose file as rules look at it: services, what they refer to, ports and mounts in either of their two forms.
import { Part } from '../documents/part.js';
import type { YamlDocument } from '../documents/yaml-document.js';

export interface ComposeService {
  readonly part: Part;
  readonly name: string;
  readonly file: ComposeFile;
}

export interface ComposeFile {
  readonly part: Part;
  readonly services: readonly ComposeService[];
}

export const composeFileOf = (document: YamlDocument): ComposeFile => {
  const part = new Part(document);
  const services: ComposeService[] = [];
  const file = { part, services };
  services.push(...part.members('services').map(([name, one]) => ({ part: one, name, file })));
  return file;
};

/** A setting of a map, or of a list of `NAME=value`. */
export const settingsOf = (part: Part): { readonly name: string; readonly value: string; readonly at: Part }[] => [
  ...part.members().map(([name, at]) => ({ name, value: at.word ?? '', at })),
  ...part.items().map((at) => {
    const [name = '', ...rest] = (at.text ?? '').split('=');
    return { name, value: rest.join('='), at };
  }),
];

/** Names in a list, or the keys of a map. */
export const namesIn = (part: Part): { readonly name: string; readonly at: Part }[] => [
  ...part.members().map(([name, at]) => ({ name, at })),
  ...part.items().map((at) => ({ name: at.text ?? at.at('source').text ?? '', at })),
];

export interface Mount {
  readonly at: Part;
  /** A path of the machine, or the name of a volume; empty for one without a name. */
  readonly source: string;
  readonly isPath: boolean;
  readonly isReadOnly: boolean;
}

const isPath = (source: string): boolean => /^(?:[./~]|[A-Za-z]:[\\/]|\$\{?(?:PWD|HOME)\b)/.test(source);

const mountOf = (at: Part): Mount => {
  if (at.text === undefined) {
    const source = at.at('source').text ?? '';
    return { at, source, isPath: at.at('type').is('bind'), isReadOnly: at.at('read_only').is(true) };
  }
  const [source = '', target, mode = ''] = at.text.split(':');
  const named = target === undefined ? '' : source;
  return { at, source: named, isPath: isPath(named), isReadOnly: mode.split(',').includes('ro') };
};

export const mountsOf = ({ part }: ComposeService): Mount[] => part.items('volumes').map(mountOf);

export interface PublishedPort {
  readonly at: Part;
  /** Empty: all addresses of the machine. */
  readonly address: string;
  /** Of the machine, as written: a number, a range, a variable; undefined: any free one. */
  readonly published: string | undefined;
  /** Of the container. */
  readonly target: string;
  readonly protocol: string;
}

// 127.0.0.1:${PORT:-8000}:8000/tcp: colons within braces are no separators.
const separators = /:(?![^{]*\})/;

const portOf = (at: Part): PublishedPort => {
  if (at.word === undefined)
    return {
      at,
      address: at.at('host_ip').text ?? '',
      published: at.at('published').word,
      target: at.at('target').word ?? '',
      protocol: at.at('protocol').text ?? 'tcp',
    };
  const [ports = '', protocol = 'tcp'] = at.word.split('/');
  const parts = ports.replace(/^\[[^\]]*\]/, (address) => address.replaceAll(':', '.')).split(separators);
  const target = parts.at(-1) ?? '';
  return { at, address: parts.at(-3) ?? '', published: parts.at(-2), target, protocol };
};

export const portsOf = ({ part }: ComposeService): PublishedPort[] => part.items('ports').map(portOf);

export interface Dependency {
  readonly name: string;
  readonly at: Part;
  readonly condition: Part;
}

export const dependenciesOf = ({ part }: ComposeService): Dependency[] =>
  namesIn(part.at('depends_on')).map(({ name, at }) => ({ name, at, condition: at.at('condition') }));
