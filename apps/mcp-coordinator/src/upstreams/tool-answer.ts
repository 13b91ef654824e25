// What a tool answers, as every entrance hands it on.

/** A block of content as the protocol has it: a text, an image, a link to a resource. */
export type ContentBlock = Readonly<Record<string, unknown>> & { readonly type: string };

export interface ToolAnswer {
  readonly content: readonly ContentBlock[];
  /** As the output schema of the tool describes it. */
  readonly structuredContent?: unknown;
  /** The tool ran and says that it failed. */
  readonly isError: boolean;
  /** What the server says besides, for instance the code of an error. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** How far a call has come, as the server says. */
export interface ToolProgress {
  readonly done: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}
