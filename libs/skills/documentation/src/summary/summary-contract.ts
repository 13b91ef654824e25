// Input, example and result of the operation `summary`.
import { z } from 'zod';

const isLocale = (text: string): boolean => {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
};

export const SummaryInput = z
  .strictObject({
    operation: z.literal('summary'),
    text: z.string().min(1).max(1_000_000).optional(),
    reference: z
      .string()
      .max(500)
      .regex(/^(?:artifact|upload):/)
      .optional()
      .meta({
        description: 'Instead of text: a file of text in UTF-8, `artifact:<task id>/<name>` or `upload:<sha256>`',
      }),
    sentences: z.number().int().min(1).max(50).default(5).meta({ description: 'How many are chosen at most' }),
    locale: z
      .string()
      .regex(/^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/)
      .refine(isLocale, 'A language as BCP 47 has it, such as en or de-CH')
      .default('en')
      .meta({ description: 'Language whose rules divide the text into sentences' }),
  })
  .refine(({ text, reference }) => (text === undefined) !== (reference === undefined), {
    message: 'Give either text or reference',
    path: ['text'],
  });
export type SummaryInput = z.infer<typeof SummaryInput>;

export const summaryExample: z.input<typeof SummaryInput> = {
  operation: 'summary',
  sentences: 1,
  text: 'The bridge was closed on Monday after cracks were found. Engineers found the cracks in two of its pillars. The repair of the pillars will take three months. Buses take another way until then.',
};

export const SummaryResult = z.strictObject({
  enough: z.boolean().meta({ description: 'false: the text is too short to choose from, and sentences is empty' }),
  reason: z.string().nullable().meta({ description: 'Why it is not enough' }),
  sentences: z
    .array(
      z.strictObject({
        text: z.string().meta({ description: 'As it stands in the text' }),
        start: z.number().int().meta({ description: 'Offset in the text, in UTF-16 code units' }),
        end: z.number().int().meta({ description: 'Offset after its end' }),
        rank: z.number().int().meta({ description: '1: chosen first' }),
        relevance: z.number().meta({ description: 'Cosine to the mean of all sentences, -1 to 1' }),
      }),
    )
    .meta({ description: 'In the order of the text' }),
  coverage: z.number().nullable().meta({ description: 'Cosine of the mean of the chosen ones and that of all' }),
  sentences_in_text: z.number().int(),
  sentences_considered: z.number().int().meta({ description: 'Without headings, rows of tables and crumbs' }),
  characters: z.number().int(),
  notes: z.array(z.string()),
});
export type SummaryResult = z.infer<typeof SummaryResult>;
