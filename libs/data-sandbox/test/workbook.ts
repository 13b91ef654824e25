// Workbooks written by hand, as spreadsheets write them: shared strings, styles for dates, cells without a place.
import { zipOf } from './zip.js';

/** A cell as XML: of a number, a day or a moment (by the number that Excel has for it), a text, a truth value, an error. */
export const cell = {
  number: (value: number | string): string => `<c><v>${value}</v></c>`,
  date: (serial: number): string => `<c s="1"><v>${serial}</v></c>`,
  text: (value: string): string => `<c t="inlineStr"><is><t xml:space="preserve">${value}</t></is></c>`,
  shared: (index: number): string => `<c t="s"><v>${index}</v></c>`,
  boolean: (value: boolean): string => `<c t="b"><v>${value ? 1 : 0}</v></c>`,
  error: (value: string): string => `<c t="e"><v>${value}</v></c>`,
  formula: (text: string, value: number): string => `<c><f>${text}</f><v>${value}</v></c>`,
  none: '<c/>',
};

export interface Sheet {
  readonly name: string;
  /** Rows of cells; an empty row is left out, as spreadsheets do. */
  readonly rows: readonly (readonly string[])[];
}

const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';

const sheetXml = ({ rows }: Sheet): string => {
  const filled = rows.flatMap((cells, index) =>
    cells.length === 0 ? [] : [`<row r="${index + 1}">${cells.join('')}</row>`],
  );
  return `${head}<worksheet ${main}><sheetData>${filled.join('')}</sheetData></worksheet>`;
};

const list = (items: readonly string[]): string => items.join('');

/** The bytes of a workbook with these sheets. */
export const workbookOf = (sheets: readonly Sheet[], sharedStrings: readonly string[] = []): Buffer =>
  zipOf([
    {
      name: '[Content_Types].xml',
      content: `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="${types}.sharedStrings+xml"/>${list(sheets.map((_, at) => `<Override PartName="/xl/worksheets/sheet${at + 1}.xml" ContentType="${types}.worksheet+xml"/>`))}</Types>`,
    },
    {
      name: '_rels/.rels',
      content: `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    },
    {
      name: 'xl/workbook.xml',
      content: `${head}<workbook ${main} xmlns:r="${relations}"><sheets>${list(sheets.map(({ name }, at) => `<sheet name="${name}" sheetId="${at + 1}" r:id="rId${at + 1}"/>`))}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list(sheets.map((_, at) => `<Relationship Id="rId${at + 1}" Type="${relations}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`))}<Relationship Id="rId100" Type="${relations}/styles" Target="styles.xml"/><Relationship Id="rId101" Type="${relations}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    },
    {
      name: 'xl/styles.xml',
      content: `${head}<styleSheet ${main}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>`,
    },
    {
      name: 'xl/sharedStrings.xml',
      content: `${head}<sst ${main}>${list(sharedStrings.map((text) => `<si><t>${text}</t></si>`))}</sst>`,
    },
    ...sheets.map((sheet, at) => ({ name: `xl/worksheets/sheet${at + 1}.xml`, content: sheetXml(sheet) })),
  ]);
