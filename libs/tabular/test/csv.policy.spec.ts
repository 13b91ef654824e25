import { namesOf, reading, reasonFor, rowsOf, typesOf, warningsOf } from './reading.js';

const commaGuess = 'The decimal separator is a comma, as the numbers look';

describe('the dialect of a CSV text', () => {
  it.each([
    ['a comma', 'a,b,c\n1;2;3,4,5', ',', ['a', 'b', 'c']],
    ['a semicolon', 'a;b;c\n1,5;2,5;3', ';', ['a', 'b', 'c']],
    ['a tab', 'a\tb\r\n1\t2', '\t', ['a', 'b']],
    ['a bar, of a header alone', 'a|b|c', '|', ['a', 'b', 'c']],
    ['of one column', 'name\nAnn', ',', ['name']],
    ['a comma, with a quoted semicolon', '"last; first",born\nx,1', ',', ['last; first', 'born']],
    ['a comma, with a quoted line end', '"a\nb",c\n1,2', ',', ['a\nb', 'c']],
    ['a comma, with doubled quotes', '"say ""a;b;c""",d\nx,y', ',', ['say "a;b;c"', 'd']],
    [
      'a semicolon, with commas in names',
      'Price, EUR;Size, cm, net;Qty\n1,5;2;3\n2,5;3;4',
      ';',
      ['Price, EUR', 'Size, cm, net', 'Qty'],
    ],
    ['what Excel says', 'sep=|\r\na|b;c\r\n1|2\r\n', '|', ['a', 'b;c']],
    ['a comma, with lists in cells', 'id,tags\n1,a;b;c\n2,d;e;f\n', ',', ['id', 'tags']],
  ])('has as delimiter %s', (_case, text, delimiter, names) => {
    const table = reading(text);
    expect(table.report.dialect).toMatchObject({ delimiter, header: true });
    expect(namesOf(table)).toEqual(names);
  });

  it.each([
    ['a title and a blank line', 'Quarterly report\n\nday,amount\n2026-01-02,1.5\n', 2],
    ['a title only', 'Report 2024\nday,amount,x\n2026-01-02,1.5,a\n2026-01-03,2,b\n', 1],
    ['titles as a spreadsheet pads them', 'Sales,,\n,,\nday,amount,x\n2026-01-02,1.5,a\n', 2],
    ['facts with delimiters', 'From,2026-01-01\n\nday,amount,x\n2026-01-02,1.5,a\n', 2],
    ['a title with a comma', 'Sales, by day\n\nday,amount\n2026-01-02,1.5\n2026-01-03,2\n', 2],
    ['comments', '# by a program, of "x\n# more\nday,amount\n2026-01-02,1.5\n', 2],
    ['blank lines', '\n\nday,amount\n2026-01-02,1.5\n', 2],
  ])('is found below %s', (_case, text, skip) => {
    const table = reading(text);
    expect(table.report).toMatchObject({ dialect: { skip, header: true }, rows_refused: 0 });
    expect(namesOf(table).slice(0, 2)).toEqual(['day', 'amount']);
    expect(typesOf(table).slice(0, 2)).toEqual(['DATE', 'DOUBLE']);
    expect(warningsOf(table)).toEqual(['lines_skipped']);
  });

  it('is a guess below lines that may be a table of their own', () => {
    const table = reading('a,b\n1,2\n\nc,d,e\n5,6,7\n8,9,1\n');
    expect(table.report.guesses).toEqual(['The table starts on line 4, below lines with several cells']);
  });

  it('takes lines with a hash for what they are', () => {
    expect(rowsOf(reading('id,v\n1,2\n# pause\n3,4\n'))).toEqual([[1, 2], [3, 4]]); // prettier-ignore
    expect(namesOf(reading('#id,v\n1,2\n3,4\n'))).toEqual(['#id', 'v']);
    expect(namesOf(reading('#id,v\n24.,2\n3,4\n5,6\n7,8\n9,8\n1,0\n'))).toEqual(['#id', 'v']);
    expect(namesOf(reading('#id,v,w\n-inf,42,7\n55,61,7\n80,nan,7\n47,3,7\n'))).toEqual(['#id', 'v', 'w']);
    expect(namesOf(reading('# of x, y\nid,v\n24,2\n3,4\n'))).toEqual(['id', 'v']);
    expect(rowsOf(reading('name,note\nAnn,x\n#1,y\n'))).toEqual([['Ann', 'x'], ['#1', 'y']]); // prettier-ignore
  });

  it.each([
    ['LF, CR LF and CR', 'a,b\n1,2\r\n3,4\r5,6\n'],
    ['quotes around all', '"a","b"\r\n"1","2"\n"3","4"\r"5","6"'],
    ['blanks around quotes', 'a,b\n1, "2" \n3,4\n5,6'],
    ['delimiters behind the last cell', 'a,b\n1,2,\n3,4,\n5,6,\n'],
    ['a repeated header', 'a,b\n1,2\n3,4\na,b\n5,6\n'],
    ['single quotes', "'a','b'\n'1','2'\n'3','4'\n'5','6'\n"],
  ])('allows %s', (_case, text) => {
    expect(rowsOf(reading(text))).toEqual([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
  });

  it('takes blanks for thousands only beside a decimal comma: phones and parts are written like this, too', () => {
    const codes = reading('phone;part\n601 234 567;969 163\n602 345 678;682 754\n');
    expect(rowsOf(codes)).toEqual([['601 234 567', '969 163'], ['602 345 678', '682 754']]); // prettier-ignore
    const price = reading('a;b\n12 345,50;0,5\n1 200;1,25\n');
    expect(rowsOf(price)).toEqual([[12_345.5, 0.5], [1200, 1.25]]); // prettier-ignore
    expect(rowsOf(reading('a;b\n969 163;x\n', { decimal: ',' }))).toEqual([['969 163', 'x']]);
  });

  it.each([
    'Ann,5\nBob,6\nCid,7\n',
    'A1;5\nB2;6',
    '10,Ann\n11,Bob',
    '2020\n2021\n2022',
    'Ann,$5\nBob,$6',
    'Ann,Rome\nBob,Oslo',
  ])('guesses a header that nothing proves: %j', (text) => {
    expect(reading(text).report.guesses).toHaveLength(1);
    expect(reading(text, { header: true }).report.guesses).toEqual([]);
  });

  it.each(['id\tmembers\n1\t12,7', 'id|members\n1|12,7', 'id;latlon\n1;52,13'])(
    'guesses a decimal comma: %j',
    (text) => {
      expect(reading(text).report.guesses).toContain(commaGuess);
      expect(reading(text, { decimal: ',' }).report.guesses).not.toContain(commaGuess);
    },
  );

  it('finds decimal commas and their thousands, and says when it guessed', () => {
    const german = reading('a;b;c\n1.234,50;2;x\n3,25;4;y\n');
    expect(german.report).toMatchObject({ dialect: { decimal: ',' }, guesses: [commaGuess] });
    expect(rowsOf(german)).toEqual([[1234.5, 2, 'x'], [3.25, 4, 'y']]); // prettier-ignore
    const quoted = reading('a,b\n"1,5",x\n"2,25",y\n');
    expect(rowsOf(quoted)).toEqual([[1.5, 'x'], [2.25, 'y']]); // prettier-ignore
    expect(quoted.report.guesses).toHaveLength(1);
  });

  it('keeps numbers as text when a point or comma may mean two things', () => {
    const point = reading('a;b\n1.234;2,5\n3.250;4,5\n');
    expect(rowsOf(point)).toEqual([['1.234', 2.5], ['3.250', 4.5]]); // prettier-ignore
    const comma = reading('a;b\n1,234;x\n3,250;y\n');
    expect(typesOf(comma)).toEqual(['VARCHAR', 'VARCHAR']);
    expect([warningsOf(point), warningsOf(comma)]).toEqual([['kept_as_text'], ['kept_as_text']]);
    expect(rowsOf(reading('a;b\n1,234;x\n3,250;y\n', { decimal: '.' }))).toEqual([[1234, 'x'], [3250, 'y']]); // prettier-ignore
    expect(rowsOf(reading('a;b\n1.234;x\n3.250;y\n', { decimal: ',' }))).toEqual([[1234, 'x'], [3250, 'y']]); // prettier-ignore
  });

  it('says that it guessed when rows stand where the header should', () => {
    const table = reading('Ann,2020-01-01\nBob,2020-02-01\n');
    expect(table.report).toMatchObject({ rows: 2, dialect: { header: false }, guesses: [expect.any(String)] });
    expect(namesOf(table)).toEqual(['column0', 'column1']);
    expect(namesOf(reading('country,2019,2020\nX,1,2\n'))).toEqual(['country', '2019', '2020']);
    expect(namesOf(reading('Ann,2020-01-01\nBob,2020-02-01\n', { header: true }))).toEqual(['Ann', '2020-01-01']);
  });

  it('reads sentences below a name as one column', () => {
    const table = reading('comment\nHello, world\nBye, all\n');
    expect(rowsOf(table)).toEqual([['Hello, world'], ['Bye, all']]);
    expect(table.report.guesses).toHaveLength(1);
  });
});

describe('the rows of a CSV text', () => {
  it('are padded when they are short, and it is said', () => {
    const table = reading('a,b,c\n1,2\n1,2,3\n4\n');
    expect(rowsOf(table)).toEqual([[1, 2, null], [1, 2, 3], [4, null, null]]); // prettier-ignore
    expect(table.report.warnings).toEqual([
      { code: 'rows_padded', message: expect.stringMatching(/^2 rows/) as string },
    ]);
  });

  it.each([
    ['with too many cells', 'a,b\n1,2\n1,2,3\n4,5\n', 3],
    ['that are notes below the table', 'a,b\n1,2\n4,5\nSource: the office\n', 4],
    ['that are notes within', 'a,b\n1,2\nSecond part\n4,5\n', 3],
    ['with an open quote', 'a,b\n1,2\n7,"8\n4,5\n', 3],
    ['with a quote that the next row seems to close', 'a,b\n1,2\n7,"8\n4,"5"\n', 3],
    ['with text behind a quote', 'a,b\n1,2\n7,"8" x\n4,5\n', 3],
    ['that repeat the header', 'a,b\n1,2\na,b\n4,5\n', 3],
  ])('are refused with line and reason %s', (_case, text, line) => {
    const table = reading(text);
    expect(rowsOf(table)).toEqual([[1, 2], [4, 5]]); // prettier-ignore
    expect(table.report).toMatchObject({ rows: 2, rows_refused: 1, refused: [{ line }] });
    expect(warningsOf(table)).toEqual(['rows_refused']);
  });

  it('are suspicious when a cell over several lines holds one', () => {
    expect(warningsOf(reading('a,b\n1,"x\n2,y\n3,"\n4,5\n'))).toContain('multiline_cells');
    expect(warningsOf(reading('a,b\n1,"x\ny\nz"\n4,w\n'))).toEqual([]);
  });

  it('have blank lines in a single column only', () => {
    expect(rowsOf(reading('a\n1\n\n2\n\n'))).toEqual([[1], [null], [2]]);
    expect(rowsOf(reading('a,b\n1,2\n\n3,4\n\n'))).toEqual([[1, 2], [3, 4]]); // prettier-ignore
  });

  it('have NULL where nothing is, and an empty text where empty quotes are', () => {
    expect(rowsOf(reading('a,b\n"",1\n,""\nx,2\n'))).toEqual([['', 1], [null, null], ['x', 2]]); // prettier-ignore
    const options = { null_values: ['NA', '-'] };
    expect(rowsOf(reading('a,b\nNA,1\n"NA",-\n-,"-"\n', options))).toEqual([[null, 1], ['NA', null], [null, null]]); // prettier-ignore
  });

  it.each([
    ['day,amount\n1,2,3\n', 'Line 2: 3 cells, but the header has 2'],
    ['This is just some prose, without any\nstructure', 'Line 2: 1 cell, but the header has 2'],
    ['"a","b"\n"1",2,3\n"2",4,5\n', 'Line 2: 3 cells, but the header has 2'],
    ['day,amount\n1,"2\n', 'Line 2: A quoted cell is not closed, or text follows its closing quote'],
    [' \n\n', 'It is empty'],
  ])('are none in %j', (text, reason) => {
    expect(reasonFor(text)).toBe(reason);
  });
});

describe('the columns of a CSV text', () => {
  it('have distinct names', () => {
    const table = reading('a,A,,a,a_1\n1,2,3,4,5\n');
    expect(namesOf(table)).toEqual(['a', 'A_2', 'column2', 'a_3', 'a_1']);
    expect(warningsOf(table)).toEqual(['renamed_column', 'renamed_column', 'renamed_column']);
    expect(namesOf(reading('__proto__,constructor,toString\n1,2,3\n'))).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
  });

  it('may be four thousand', () => {
    const wide = (make: (n: number) => string): string => Array.from({ length: 4_000 }, (_, n) => make(n)).join(';');
    const table = reading(`${wide((n) => `c${n}`)}\n${wide(String)}\n`);
    expect(table.columns[3_999]).toEqual({ name: 'c3999', type: 'BIGINT', decidedBy: 'values', values: [3_999n] });
  });
});

describe('what the owner says', () => {
  it('is done as said', () => {
    expect(rowsOf(reading('x\ny\na^b\n1^2\n', { skip: 2, delimiter: '^' }))).toEqual([[1, 2]]);
    expect(rowsOf(reading("a,b\n'1,5',2\n", { quote: "'", decimal: ',' }))).toEqual([[1.5, 2]]);
    expect(rowsOf(reading('a,b\n"x,y\n', { quote: null }))).toEqual([['"x', 'y']]);
    expect(rowsOf(reading('a,b\n%x\n1,2\n', { comment: '%' }))).toEqual([[1, 2]]);
    expect(rowsOf(reading('1,2\n', { header: false }))).toEqual([[1, 2]]);
    expect(typesOf(reading('a,b\n1,2026-01-02\n', { all_text: true }))).toEqual(['VARCHAR', 'VARCHAR']);
  });

  it('gives types, and refuses the rows that do not fit', () => {
    const types = { a: 'INTEGER', B: 'decimal(5, 2)', c: 'TEXT' };
    const table = reading('a,b,c\n007,1.5,1\nx,1,2\n2147483648,1,3\n5,1.234,4\n-6,,5\n', { types });
    expect(typesOf(table)).toEqual(['INTEGER', 'DECIMAL(5,2)', 'VARCHAR']);
    expect(rowsOf(table)).toEqual([[7, 150, '1'], [-6, null, '5']]); // prettier-ignore
    expect(table.report.refused).toEqual([
      { line: 3, reason: "'x' in the column a is no INTEGER" },
      { line: 4, reason: "'2147483648' in the column a is no INTEGER" },
      { line: 5, reason: "'1.234' in the column b is no DECIMAL(5,2)" },
    ]);
    const wide = reading('v\n9007199254740993\n0.1234567890123456789\n1e999\n', { types: { v: 'DOUBLE' } });
    expect([rowsOf(wide), wide.report.refused.map(({ line }) => line)]).toEqual([[[0.12345678901234568]], [2, 4]]);
    expect(typesOf(reading('a,A\n1,2\n', { types: { A: 'VARCHAR' } }))).toEqual(['BIGINT', 'VARCHAR']);
    expect(reasonFor('a\n1\n', { types: { nope: 'BIGINT' } })).toBe('types names the column nope, which is not there');
    expect(reasonFor('d\n02/01/1980\n', { types: { d: 'DATE' } })).toMatch(/say date_format/);
  });

  it('gives the format of dates', () => {
    const days = (text: string, date_format: string): unknown[][] =>
      rowsOf(reading(`d,v\n${text},x\n`, { date_format }));
    expect(days('02/01/1980', '%d/%m/%Y')).toEqual([[3_653, 'x']]);
    expect(days('01/02/1980', 'MM/DD/YYYY')).toEqual([[3_653, 'x']]);
    expect(days('2.1.80', '%d.%m.%y')).toEqual([[3_653, 'x']]);
    expect(days('2-Jan-1980', '%d-%b-%Y')).toEqual([[3_653, 'x']]);
    expect(days('02/01/1980', 'DMY')).toEqual([[3_653, 'x']]);
  });
});
