// A report as a PDF: title page, contents, sections, page numbers. Runs in a process of its own: npm packages and relative
// files only.
import PDFDocument from 'pdfkit';

import { type Block, dayOf, type DocumentSection, type ReportDocument } from './document.js';
import { colours, margin, Pages } from './pages.js';
import { type Pdf, type TextStyle, Typesetter } from './typesetter.js';

export interface PrintJob {
  readonly kind: 'print';
  readonly report: ReportDocument;
}

export interface Printed {
  readonly pdf: Uint8Array;
  readonly pages: number;
  /** The page on which each section begins, from 1. */
  readonly sectionPages: readonly number[];
}

const styles = {
  title: { size: 28, isBold: true },
  subtitle: { size: 15, colour: colours.soft },
  made: { size: 10.5, colour: colours.soft },
  sheetTitle: { size: 22, isBold: true },
  sheetSubtitle: { size: 13, colour: colours.soft },
  heading: { size: 16, isBold: true },
  body: { size: 10.5 },
  note: { size: 9, colour: colours.soft },
  foot: { size: 8.5, colour: colours.soft },
} as const satisfies Record<string, TextStyle>;

const titlePage = (pages: Pages, report: ReportDocument): void => {
  pages.y = pages.pdf.page.height * 0.26;
  pages.text(report.title, styles.title, 0, 4);
  if (report.subtitle !== undefined) {
    pages.space(6);
    pages.text(report.subtitle, styles.subtitle, 0, 4);
  }
  pages.space(18);
  pages.rule();
  pages.space(12);
  const made = [report.author, dayOf(report)].filter((part) => part !== undefined && part !== '');
  pages.text(made.join(' · '), styles.made, 0, 2);
  pages.space(24);
  for (const line of report.evidence) pages.text(line, styles.note, 0, 3);
};

/** The same on the first page of a sheet. */
const sheetHead = (pages: Pages, { title, subtitle, evidence }: ReportDocument): void => {
  pages.text(title, styles.sheetTitle, 0, 3);
  if (subtitle !== undefined) pages.text(subtitle, styles.sheetSubtitle, 0, 2);
  pages.space(6);
  for (const line of evidence) pages.text(line, styles.note, 0, 3);
  pages.space(8);
  pages.rule();
  pages.space(14);
};

const list = (pages: Pages, items: readonly string[]): void => {
  for (const item of items) {
    pages.ensure(styles.body.size * 1.5);
    pages.type.line('•', margin + 4, pages.y, styles.body);
    pages.text(item, styles.body, 16);
    pages.space(2);
  }
};

const put = (pages: Pages, block: Block): void => {
  switch (block.kind) {
    case 'paragraph':
      pages.text(block.text, styles.body);
      break;
    case 'list':
      list(pages, block.items);
      break;
    case 'note':
      pages.text(block.text, styles.note);
      break;
    case 'lights':
      pages.lights(block);
      break;
    case 'table':
      pages.table(block);
      break;
    case 'picture':
      pages.picture(block);
      break;
  }
  pages.space(9);
};

const destination = (at: number): string => `section-${at + 1}`;

const section = (pages: Pages, { heading, blocks }: DocumentSection, at: number): number => {
  pages.space(at === 0 ? 0 : 16);
  // A heading stands with the beginning of what follows.
  pages.ensure(40 + pages.roomFor(blocks[0]));
  pages.pdf.addNamedDestination(destination(at), 'XYZ', margin, pages.y - 8, 0);
  pages.pdf.outline.addItem(heading);
  const page = pages.number;
  pages.text(heading, styles.heading, 0, 3);
  pages.space(6);
  for (const block of blocks) put(pages, block);
  return page;
};

/** Written last, when it is known on which page each section begins. */
const contents = (pages: Pages, { sections }: ReportDocument, sectionPages: readonly number[]): void => {
  pages.y = margin;
  pages.text('Contents', styles.heading);
  pages.space(10);
  for (const [at, { heading }] of sections.entries()) {
    const number = String(sectionPages[at] ?? '');
    const numberWidth = pages.type.width(number, styles.body);
    const top = pages.y;
    pages.type.line(number, margin + pages.width - numberWidth, top, styles.body);
    for (const line of pages.type.wrap(heading, styles.body, pages.width - 48, 2)) {
      pages.type.line(line, margin, pages.y, styles.body);
      pages.space(styles.body.size * 1.42);
    }
    pages.pdf.goTo(margin, top, pages.width, pages.y - top, destination(at));
    pages.space(5);
  }
};

/** On every page but that of a title. */
const footers = (pages: Pages, { title, layout }: ReportDocument): void => {
  const { count } = pages.pdf.bufferedPageRange();
  for (let page = layout === 'sheet' ? 0 : 1; page < count; page += 1) {
    pages.pdf.switchToPage(page);
    const y = pages.pdf.page.height - margin + 4;
    const number = `page ${page + 1} of ${count}`;
    const width = pages.type.width(number, styles.foot);
    const [name = ''] = pages.type.wrap(title, styles.foot, pages.width - width - 24, 1);
    pages.type.line(name, margin, y, styles.foot);
    pages.type.line(number, margin + pages.width - width, y, styles.foot);
  }
};

const bytesOf = async (pdf: Pdf): Promise<Uint8Array> => {
  const chunks: Buffer[] = [];
  pdf.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<void>((resolve, reject) => {
    pdf.on('end', resolve);
    pdf.on('error', reject);
  });
  pdf.end();
  await ended;
  return Buffer.concat(chunks);
};

const sheet = (pages: Pages, report: ReportDocument): number[] => {
  sheetHead(pages, report);
  return report.sections.map((one, at) => section(pages, one, at));
};

const book = (pages: Pages, report: ReportDocument): number[] => {
  titlePage(pages, report);
  pages.newPage();
  const contentsPage = pages.number - 1;
  pages.newPage();
  const sectionPages = report.sections.map((one, at) => section(pages, one, at));
  pages.pdf.switchToPage(contentsPage);
  contents(pages, report, sectionPages);
  return sectionPages;
};

/** @returns the PDF, with its pages counted */
export const printed = async ({ report }: PrintJob): Promise<Printed> => {
  const { title, author, madeAt, page } = report;
  const pdf = new PDFDocument({
    size: page === 'A4' ? 'A4' : 'LETTER',
    margin: 0,
    bufferPages: true,
    displayTitle: true,
    lang: 'en',
    info: {
      Title: title,
      CreationDate: new Date(madeAt),
      Creator: 'Pulser',
      ...(author !== undefined && { Author: author }),
    },
  });
  const pages = new Pages(pdf, new Typesetter(pdf));
  const sectionPages = report.layout === 'sheet' ? sheet(pages, report) : book(pages, report);
  footers(pages, report);
  const { count } = pdf.bufferedPageRange();
  return { pdf: await bytesOf(pdf), pages: count, sectionPages };
};
