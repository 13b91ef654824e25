// Headers as a task gives them: texts, and secrets of the tenant by name.
import type { TaskContext } from '@pulser/agent-runtime/skill';
import { type RequestHeaders, requestHeaders } from '@pulser/contracts';

export const Headers = requestHeaders(50);
export type Headers = RequestHeaders;

/** An input whose headers are texts, as they are sent. */
export type WithTexts<Input extends { readonly headers: Headers }> = Omit<Input, 'headers'> & {
  readonly headers: Readonly<Record<string, string>>;
};

/** The secrets that some headers name, each asked for once. */
export class HeaderSecrets {
  private constructor(private readonly values: ReadonlyMap<string, string>) {}

  /** @param url that they are sent to, or whose paths are. @throws TaskError `secret_unavailable` */
  static async in(all: readonly Headers[], url: URL, { secret }: TaskContext): Promise<HeaderSecrets> {
    const names = all.flatMap((headers) =>
      Object.values(headers).flatMap((value) => (typeof value === 'string' ? [] : [value.secret])),
    );
    const values = new Map<string, string>();
    for (const name of new Set(names)) values.set(name, await secret(name, url.href));
    return new HeaderSecrets(values);
  }

  /** As it is sent. @throws Error for a secret that was not asked for */
  textOf(value: Headers[string]): string {
    if (typeof value === 'string') return value;
    const found = this.values.get(value.secret);
    if (found === undefined) throw new Error('A secret was not asked for');
    return `${value.prefix ?? ''}${found}`;
  }

  texts(headers: Headers): Record<string, string> {
    return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, this.textOf(value)]));
  }
}
