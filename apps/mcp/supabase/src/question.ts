// A question as a vector, by the model of the installation: loaded with the first one, because it takes 180 MB.
import { type ToolCallContext, ToolError } from '@pulser/mcp-server-kit';

export interface EmbeddedQuestion {
  /** Name of the model. */
  readonly model: string;
  /** As pgvector reads it. */
  readonly vector: string;
  /** Whether a stored fingerprint is of this very model. */
  readonly agrees: (fingerprint: readonly number[]) => boolean;
}

const settingNames = ['EMBEDDING_URL', 'EMBEDDING_KEY', 'EMBEDDING_MODEL', 'EMBEDDING_DIMENSIONS'] as const;

/** An endpoint is the operator's to name: its address is not checked. */
const settingsOf = (call: ToolCallContext): Record<string, string> => {
  const given = settingNames.map((name) => [name, call.optional(name)] as const);
  const settings = Object.fromEntries(
    given.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined),
  );
  if (Object.keys(settings).length > 0 && !call.privateAddresses)
    throw new ToolError('refused', 'The endpoint of embeddings is for the operator to set');
  return settings;
};

const open = async (settings: Record<string, string>) => {
  const [embedding, { z }] = await Promise.all([import('@pulser/embedding'), import('zod')]);
  const embedder = new embedding.ProcessEmbedder(z.object(embedding.embeddingEnv).parse(settings));
  return { embedding, embedder, fingerprint: await embedding.fingerprintOf(embedder) };
};

const opened = new Map<string, ReturnType<typeof open>>();

const openOnce = (settings: Record<string, string>): ReturnType<typeof open> => {
  const key = JSON.stringify(settings);
  const known = opened.get(key);
  if (known !== undefined) return known;
  const opening = open(settings);
  opened.set(key, opening);
  // The next question tries again.
  opening.catch(() => opened.delete(key));
  return opening;
};

/** @throws ToolError */
export const embeddedQuestion = async (call: ToolCallContext, text: string): Promise<EmbeddedQuestion> => {
  const { embedding, embedder, fingerprint } = await openOnce(settingsOf(call));
  const [vector = []] = await embedder.embed([text], 'now');
  return {
    model: embedder.model.name,
    vector: `[${vector.map((value) => Number(value.toPrecision(9))).join(',')}]`,
    agrees: (stored) => embedding.fingerprintAgrees(stored, fingerprint),
  };
};
