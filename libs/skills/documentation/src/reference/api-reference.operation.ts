import { operation } from '@pulser/agent-runtime/skill';

import { documentOf } from '../documents/document-input.js';
import { documentationErrors } from '../documents/documentation-errors.js';
import { isTrue, textAt } from '../openapi/json-node.js';
import { OpenApiDocument } from '../openapi/openapi-document.js';
import type { FoundReference } from '../openapi/references.js';
import { structureProblems } from '../openapi/structure-check.js';
import { apiReferenceExample, ApiReferenceInput, type ApiReferenceResult } from './api-reference-contract.js';
import { PageTooLarge } from './bounded-page.js';
import { htmlPage } from './html-page.js';
import { markdownPage } from './markdown-page.js';
import { Reference } from './reference.js';
import type { Detail } from './reference-model.js';

// The operation `api_reference`: a description of an API as a page to read, in HTML and in Markdown.

/** A little less than an artifact may have by default. */
const maxPageBytes = 15_500_000;
const maxListed = 100;

/** From the usual to the least: the first whose pages are small enough is taken. */
const details: readonly Detail[] = [
  { example: 6_000, examples: 5, rows: 300 },
  { example: 1_500, examples: 1, rows: 120 },
  { example: 400, examples: 1, rows: 60 },
  { example: 0, examples: 0, rows: 20 },
];

interface Pages {
  readonly html: Buffer;
  readonly markdown: Buffer;
  readonly detail: Detail;
}

const pagesOf = (reference: Reference): Pages => {
  for (const detail of details)
    try {
      const html = htmlPage(reference, detail, maxPageBytes);
      return { html, markdown: markdownPage(reference, detail, maxPageBytes), detail };
    } catch (error) {
      if (!(error instanceof PageTooLarge)) throw error;
    }
  throw documentationErrors.error(
    'document_too_large',
    `The reference of ${reference.document.name} would have more than ${maxPageBytes} bytes, even without examples`,
  );
};

const listed = (found: readonly FoundReference[]): ApiReferenceResult['missing'] => ({
  count: found.length,
  references: found.slice(0, maxListed).map(({ reference, at }) => ({ reference: reference.slice(0, 500), at })),
});

/** Writes the reference of an API. */
export const apiReference = operation({
  name: 'api_reference',
  summary: 'Writes the reference of an API from its OpenAPI description, as HTML and Markdown',
  input: ApiReferenceInput,
  example: apiReferenceExample,
  errors: documentationErrors,
  handle: async ({ document: input }, context): Promise<ApiReferenceResult> => {
    const { name, value } = await documentOf(input, context);
    const document = new OpenApiDocument(name, value);
    context.progress(20, 'The document is read');
    const reference = new Reference(document);
    const { html, markdown, detail } = pagesOf(reference);
    context.progress(80, 'The pages are written');
    await context.artifact('reference.html', 'text/html', html);
    await context.artifact('reference.md', 'text/markdown', markdown);
    const operations = document.operations();
    return {
      title: document.title,
      version: textAt(document.root['info'], 'version') ?? null,
      openapi: document.version,
      operations: operations.length,
      operations_by_tag: Object.fromEntries(reference.groups.map((group) => [group.name, group.operations.length])),
      deprecated: operations.filter(({ node }) => isTrue(node, 'deprecated')).length,
      schemas: reference.schemaNames.length,
      artifacts: [
        { name: 'reference.html', bytes: html.length },
        { name: 'reference.md', bytes: markdown.length },
      ],
      not_followed: listed(document.references.outside),
      missing: listed(document.references.missing),
      problems: await structureProblems(document),
      shortened:
        detail === details[0]
          ? null
          : { example_characters: detail.example, examples: detail.examples, rows: detail.rows },
    };
  },
});
