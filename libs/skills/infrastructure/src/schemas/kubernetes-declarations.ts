// The declarations of kubernetes-models as closed JSON schemas: a field that is not declared is refused.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import ts from 'typescript';

export type Schema = Readonly<Record<string, unknown>>;

/** Closed schemas of every kind of the Kubernetes API that the package knows. */
export interface KubernetesSchemas {
  /** Name of the definition by `apiVersion/kind`. */
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, Schema>>;
}

/** What the API takes in another shape than the declarations tell. */
const declaredElsewhere: Readonly<Record<string, Schema>> = {
  // A port, or a part of 100 %.
  IIoK8sApimachineryPkgUtilIntstrIntOrString: { type: ['integer', 'string'] },
  IIoK8sApimachineryPkgApiResourceQuantity: { type: ['number', 'string'] },
};

/** The one place of the API with numbers that are not whole: JSON schemas of custom resources. */
const isFractional = (definition: string): boolean => definition.endsWith('JSONSchemaProps');

const declarationFiles = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.d.ts') && !name.startsWith('_schemas') && !name.endsWith('index.d.ts'))
    .sort()
    .map((name) => join(folder, name));

const nameOf = (name: ts.PropertyName): string => (ts.isStringLiteral(name) ? name.text : name.getText());

const literalOf = (node: ts.TypeNode): string | undefined =>
  ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal) ? node.literal.text : undefined;

/** One file: its type, and the names by which other files import theirs. */
class Declarations {
  private readonly source: ts.SourceFile;
  private readonly globalNames = new Map<string, string>();

  constructor(file: string) {
    this.source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
    for (const statement of this.source.statements) this.readExports(statement);
  }

  // `export type { IPod as IIoK8sApiCoreV1Pod, ... }`
  private readExports(statement: ts.Statement): void {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) return;
    if (!ts.isNamedExports(statement.exportClause)) return;
    for (const { propertyName, name } of statement.exportClause.elements)
      if (propertyName !== undefined) this.globalNames.set(propertyName.getText(), name.getText());
  }

  addTo(kinds: Record<string, string>, definitions: Record<string, Schema>): void {
    for (const statement of this.source.statements) {
      if (!ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement)) continue;
      const name = this.globalNames.get(statement.name.text);
      if (name?.startsWith('II') !== true) continue;
      definitions[name] = declaredElsewhere[name] ?? this.schemaOf(statement, name);
      const kind = ts.isInterfaceDeclaration(statement) ? kindOf(statement) : undefined;
      if (kind !== undefined) kinds[kind] = name;
    }
  }

  private schemaOf(statement: ts.InterfaceDeclaration | ts.TypeAliasDeclaration, name: string): Schema {
    if (ts.isTypeAliasDeclaration(statement)) return this.typeOf(statement.type, name);
    return this.objectOf(statement.members, name);
  }

  /** Without a member, anything: such types hold what the API does not look into. */
  private objectOf(members: ts.NodeArray<ts.TypeElement>, definition: string): Schema {
    const declared = members.filter(ts.isPropertySignature);
    if (declared.length === 0) return {};
    const required = declared.filter(({ questionToken }) => questionToken === undefined);
    return {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        declared.map(({ name, type }) => [nameOf(name), type === undefined ? {} : this.typeOf(type, definition)]),
      ),
      ...(required.length > 0 && { required: required.map(({ name }) => nameOf(name)) }),
    };
  }

  private typeOf(node: ts.TypeNode, definition: string): Schema {
    if (ts.isTypeReferenceNode(node)) return this.referenceOf(node, definition);
    if (ts.isUnionTypeNode(node)) return this.unionOf(node, definition);
    if (ts.isTypeLiteralNode(node)) return this.mapOf(node, definition);
    const literal = literalOf(node);
    if (literal !== undefined) return { type: 'string', enum: [literal] };
    return this.plainOf(node, definition);
  }

  private plainOf({ kind }: ts.TypeNode, definition: string): Schema {
    if (kind === ts.SyntaxKind.StringKeyword) return { type: 'string' };
    if (kind === ts.SyntaxKind.BooleanKeyword) return { type: 'boolean' };
    if (kind === ts.SyntaxKind.NumberKeyword) return { type: isFractional(definition) ? 'number' : 'integer' };
    return {};
  }

  private referenceOf(node: ts.TypeReferenceNode, definition: string): Schema {
    const name = node.typeName.getText();
    const [item] = node.typeArguments ?? [];
    if (name === 'Array' && item !== undefined) return { type: 'array', items: this.typeOf(item, definition) };
    return { $ref: `#/definitions/${this.globalNames.get(name) ?? name}` };
  }

  private unionOf(node: ts.UnionTypeNode, definition: string): Schema {
    const literals = node.types.map(literalOf).filter((one) => one !== undefined);
    if (literals.length === node.types.length) return { type: 'string', enum: literals };
    return { anyOf: node.types.map((type) => this.typeOf(type, definition)) };
  }

  private mapOf(node: ts.TypeLiteralNode, definition: string): Schema {
    const [index] = node.members;
    if (index === undefined || !ts.isIndexSignatureDeclaration(index)) return this.objectOf(node.members, definition);
    return { type: 'object', additionalProperties: this.typeOf(index.type, definition) };
  }
}

const kindOf = ({ members }: ts.InterfaceDeclaration): string | undefined => {
  const literal = (field: string): string | undefined => {
    const member = members.find((one) => ts.isPropertySignature(one) && nameOf(one.name) === field);
    return member !== undefined && ts.isPropertySignature(member) && member.type ? literalOf(member.type) : undefined;
  };
  const [version, kind] = [literal('apiVersion'), literal('kind')];
  return version === undefined || kind === undefined ? undefined : `${version}/${kind}`;
};

/** @param folders of the packages kubernetes-models and \@kubernetes-models/apimachinery */
export const kubernetesSchemas = (folders: readonly string[]): KubernetesSchemas => {
  const kinds: Record<string, string> = {};
  const definitions: Record<string, Schema> = {};
  for (const file of folders.flatMap(declarationFiles)) new Declarations(file).addTo(kinds, definitions);
  return { kinds, definitions };
};
