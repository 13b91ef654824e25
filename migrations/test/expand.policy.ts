// What a migration may do while services of the last release work on the same database, read from the syntax tree that
// PostgreSQL's own parser makes of its statements. Reasons: decision 43.
import { type AlterTableCmd, type ColumnDef, type Constraint, type Node, parse, type RangeVar } from 'libpg-query';

/** What is wrong, as the README of migrations lists it. */
export type Rule =
  | 'drop'
  | 'rename'
  | 'retype'
  | 'revoke'
  | 'required'
  | 'scan'
  | 'index'
  | 'rewrite'
  | 'lock'
  | 'work-under-lock'
  | 'backfill'
  | 'opaque';

/** Allowed in a migration that raises the floor: the releases that would break are refused by it. */
const ofContract: ReadonlySet<Rule> = new Set(['drop', 'rename', 'retype', 'revoke', 'required']);

type BodyIn<One, Kind extends string> = One extends Record<Kind, infer Body> ? Body : never;

/** What a node holds when it is of that kind. */
const as = <Kind extends string>(node: Node, kind: Kind): BodyIn<Node, Kind> | undefined => Reflect.get(node, kind);

const lastName = (names: readonly Node[] = []): string => as(names.at(-1) ?? ({} as Node), 'String')?.sval ?? '';

/** Name of what a DROP or GRANT names: of a trigger, policy or constraint its table. */
const objectName = (object: Node, ofTable: boolean): string => {
  const names = as(object, 'List')?.items ?? as(object, 'ObjectWithArgs')?.objname;
  if (names !== undefined) return lastName(ofTable ? names.slice(0, -1) : names);
  return as(object, 'RangeVar')?.relname ?? lastName([object]);
};

const createdBy = (statement: Node): string[] => {
  const name =
    as(statement, 'CreateStmt')?.relation?.relname ??
    as(statement, 'ViewStmt')?.view?.relname ??
    as(statement, 'CreateTableAsStmt')?.into?.rel?.relname ??
    as(statement, 'IndexStmt')?.idxname;
  const made = as(statement, 'CreateFunctionStmt');
  const functionName = made === undefined || made.replace === true ? undefined : lastName(made.funcname);
  return [name, functionName].filter((one) => one !== undefined);
};

const hasConstraint = (column: ColumnDef | undefined, kind: Constraint['contype']): boolean =>
  (column?.constraints ?? []).some((one) => as(one, 'Constraint')?.contype === kind);

// The value of these is the same for every row, so PostgreSQL keeps it once and rewrites nothing.
const stableCalls = ['now', 'transaction_timestamp', 'statement_timestamp'];

const isVolatile = (column: ColumnDef | undefined): boolean =>
  (column?.constraints ?? []).some((one) => {
    const call = as(one, 'Constraint')?.raw_expr;
    const name = call === undefined ? undefined : as(call, 'FuncCall')?.funcname;
    return name !== undefined && !stableCalls.includes(lastName(name));
  });

// A virtual column is worked out by whoever reads it.
const isVirtual = (column: ColumnDef | undefined): boolean =>
  (column?.constraints ?? []).some((one) => as(one, 'Constraint')?.generated_kind === 'v');

const isSerial = (column: ColumnDef | undefined): boolean => /serial/.test(lastName(column?.typeName?.names));

const ofAddedColumn = (column: ColumnDef | undefined): Rule[] => {
  const isGenerated = hasConstraint(column, 'CONSTR_GENERATED') || hasConstraint(column, 'CONSTR_IDENTITY');
  const isUnique = hasConstraint(column, 'CONSTR_UNIQUE') || hasConstraint(column, 'CONSTR_PRIMARY');
  const isRequired = hasConstraint(column, 'CONSTR_NOTNULL') && !hasConstraint(column, 'CONSTR_DEFAULT');
  return [
    ...((isGenerated && !isVirtual(column)) || isVolatile(column) || isSerial(column) ? (['rewrite'] as const) : []),
    ...(isUnique ? (['scan'] as const) : []),
    ...(isRequired && !isGenerated ? (['required'] as const) : []),
  ];
};

const ofAddedConstraint = (constraint: Constraint | undefined): Rule[] => {
  const isLater = constraint?.skip_validation === true || constraint?.indexname !== undefined;
  return isLater ? [] : ['scan'];
};

const rewriting: readonly AlterTableCmd['subtype'][] = ['AT_SetLogged', 'AT_SetUnLogged', 'AT_SetAccessMethod'];

const ofCommand = ({ subtype, def }: AlterTableCmd): Rule[] => {
  if (subtype === 'AT_DropColumn') return ['drop'];
  if (subtype === 'AT_AlterColumnType') return ['retype', 'rewrite'];
  if (subtype === 'AT_SetNotNull') return ['required', 'scan'];
  if (subtype === 'AT_AddColumn') return def === undefined ? [] : ofAddedColumn(as(def, 'ColumnDef'));
  if (subtype === 'AT_AddConstraint') return def === undefined ? [] : ofAddedConstraint(as(def, 'Constraint'));
  return rewriting.includes(subtype) ? ['rewrite'] : [];
};

/** Objects that may go: what they held back is then allowed, or only slower. */
const loosening: ReadonlySet<string> = new Set(['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_INDEX']);

const ofDrop = (statement: Node, isOld: (name: string) => boolean): Rule[] => {
  const { removeType = '', objects = [], concurrent } = as(statement, 'DropStmt') ?? {};
  const isOfTable = removeType === 'OBJECT_TRIGGER' || removeType === 'OBJECT_POLICY';
  if (!objects.some((object) => isOld(objectName(object, isOfTable)))) return [];
  if (removeType === 'OBJECT_INDEX') return concurrent === true ? [] : ['index'];
  return loosening.has(removeType) ? [] : ['drop'];
};

const ofGrant = (statement: Node, isOld: (name: string) => boolean): Rule[] => {
  const { is_grant: isGrant, objects = [] } = as(statement, 'GrantStmt') ?? {};
  const touches = objects.some((object) => isOld(objectName(object, false)));
  return isGrant !== true && touches ? ['revoke'] : [];
};

const relationOf = (statement: Node): RangeVar | undefined =>
  as(statement, 'UpdateStmt')?.relation ??
  as(statement, 'DeleteStmt')?.relation ??
  as(statement, 'InsertStmt')?.relation ??
  as(statement, 'AlterTableStmt')?.relation ??
  as(statement, 'IndexStmt')?.relation;

const floor = 'schema_floor';

/** Writes every row that matches, however many there are: not one row of constants. */
const isBackfill = (statement: Node): boolean => {
  const inserted = as(statement, 'InsertStmt')?.selectStmt;
  if (inserted !== undefined) return as(inserted, 'SelectStmt')?.fromClause !== undefined;
  return as(statement, 'UpdateStmt') !== undefined || as(statement, 'DeleteStmt') !== undefined;
};

const ofStatement = (statement: Node, isOld: (name: string) => boolean): Rule[] => {
  const relation = relationOf(statement)?.relname ?? '';
  if (as(statement, 'DoStmt') !== undefined) return ['opaque'];
  if (as(statement, 'LockStmt') !== undefined) return ['lock'];
  if (as(statement, 'VariableSetStmt')?.name === 'lock_timeout') return ['lock'];
  if (as(statement, 'RenameStmt') !== undefined) return ['rename'];
  if (as(statement, 'VacuumStmt') !== undefined || as(statement, 'RefreshMatViewStmt') !== undefined)
    return ['rewrite'];
  const ofDropOrGrant = [...ofDrop(statement, isOld), ...ofGrant(statement, isOld)];
  if (ofDropOrGrant.length > 0 || !isOld(relation)) return ofDropOrGrant;
  const index = as(statement, 'IndexStmt');
  if (index !== undefined) return index.concurrent === true ? [] : ['index'];
  const commands = as(statement, 'AlterTableStmt')?.cmds ?? [];
  return commands.flatMap((command) => ofCommand(as(command, 'AlterTableCmd') ?? {}));
};

/**
 * What is wrong with a migration, each rule once.
 * @param statements of its `up`, in order
 */
export const problemsOf = async (statements: readonly string[]): Promise<Rule[]> => {
  const trees = await Promise.all(statements.map((text) => parse(text)));
  const nodes = trees.flatMap(({ stmts = [] }) => stmts).flatMap(({ stmt }) => (stmt === undefined ? [] : [stmt]));
  const created = new Set(nodes.flatMap(createdBy));
  const isOld = (name: string): boolean => name !== '' && !created.has(name);
  const isContract = nodes.some((node) => as(node, 'UpdateStmt')?.relation?.relname === floor);
  const found = new Set<Rule>();
  let locked = false;
  for (const node of nodes) {
    for (const rule of ofStatement(node, isOld)) found.add(rule);
    const relation = relationOf(node)?.relname ?? '';
    const writes = isBackfill(node) && relation !== floor;
    if (writes && isOld(relation)) found.add('backfill');
    // What an earlier statement locked stays locked until the transaction ends.
    if (writes && locked) found.add('work-under-lock');
    if (as(node, 'AlterTableStmt') !== undefined && isOld(relation)) locked = true;
  }
  return [...found].filter((rule) => !isContract || !ofContract.has(rule)).sort();
};
