/** What somebody sends, and what they say it is. */
export interface Document {
  readonly body: Buffer;
  readonly contentType: string;
}
