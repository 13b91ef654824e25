// A report as its two forms read it, PDF and HTML: plain data that can be sent to another process.

/** A table of texts; a null is NULL. */
export interface DocumentTable {
  readonly kind: 'table';
  readonly columns: readonly { readonly name: string; readonly isNumeric: boolean }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A picture, with the words for those who do not see it. */
export interface DocumentPicture {
  readonly kind: 'picture';
  readonly png: Uint8Array;
  /** Pixels on a page; the PNG has twice as many. */
  readonly width: number;
  readonly height: number;
  readonly alt: string;
  /** The artifact that holds it too, where there is one. */
  readonly file?: string;
}

/** What is on and what is off, each with a word and a sign of its own, for those who do not see colours. */
export interface DocumentLights {
  readonly kind: 'lights';
  readonly items: readonly {
    readonly name: string;
    readonly state: string;
    readonly isOn: boolean;
    readonly text: string;
  }[];
}

export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** What a reader must know about what stands above it. */
  | { readonly kind: 'note'; readonly text: string }
  | DocumentLights
  | DocumentTable
  | DocumentPicture;

export interface DocumentSection {
  readonly heading: string;
  readonly blocks: readonly Block[];
}

export interface ReportDocument {
  /** `book` without: a title page and contents; `sheet`: the title stands over the first section. */
  readonly layout?: 'book' | 'sheet';
  readonly title: string;
  readonly subtitle: string | undefined;
  readonly author: string | undefined;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  /** What the report is made of, a line for each source. */
  readonly evidence: readonly string[];
  readonly sections: readonly DocumentSection[];
  readonly page: 'A4' | 'Letter';
}

/** The day on which a report was made, in UTC. */
export const dayOf = ({ madeAt }: ReportDocument): string =>
  new Date(madeAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** All texts of a report. */
export const wordsOf = ({ title, subtitle = '', author = '', evidence, sections }: ReportDocument): string => {
  const ofBlock = (block: Block): string => {
    switch (block.kind) {
      case 'paragraph':
      case 'note':
        return block.text;
      case 'list':
        return block.items.join('');
      case 'lights':
        return block.items.map(({ name, state, text }) => name + state + text).join('');
      case 'table':
        return [...block.columns.map(({ name }) => name), ...block.rows.flat().map((cell) => cell ?? '')].join('');
      case 'picture':
        return '';
    }
  };
  const texts = sections.flatMap(({ heading, blocks }) => [heading, ...blocks.map(ofBlock)]);
  return [title, subtitle, author, ...evidence, ...texts].join('');
};
