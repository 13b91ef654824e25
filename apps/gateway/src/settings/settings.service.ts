// Which settings there are, what each may be, and whether a change is of what its author has read.
import { Injectable } from '@nestjs/common';
import { type Expected, type SettingRow, TenantSettings } from '@pulser/context-bus';
import { fieldProblems, HttpError, isSettingName, type Setting, type SettingName, settings } from '@pulser/contracts';

import type { RequestCaller } from '../access/caller.js';
import { matchedTags, notFound } from '../rest/parameters.js';

export const settingView = ({ name, value, version, tag, updatedAt, updatedBy }: SettingRow): Setting => ({
  name,
  value,
  version,
  etag: `"${tag}"`,
  updated_at: updatedAt.toISOString(),
  updated_by: updatedBy,
});

/** What a request expects to be there (RFC 9110, 13.1). */
export interface Preconditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

/** @throws HttpError `invalid_request` for both at once, and for an `If-None-Match` that is not `*` */
export const expectedBy = ({ ifMatch, ifNoneMatch }: Preconditions): Expected => {
  const wrong = (header: string, detail: string): HttpError =>
    new HttpError('invalid_request', { errors: [{ pointer: `/${header}`, detail }] });
  if (ifNoneMatch !== undefined) {
    if (ifMatch !== undefined) throw wrong('If-None-Match', 'Not together with If-Match');
    if (ifNoneMatch.trim() !== '*') throw wrong('If-None-Match', 'Must be `*`: only a setting that is not there yet');
    return 'none';
  }
  if (ifMatch === undefined) return 'whatever';
  const tags = matchedTags(ifMatch);
  return tags === undefined ? 'any' : { tags };
};

/** The settings of a tenant, for its administrators. */
@Injectable()
export class SettingsService {
  constructor(private readonly stored: TenantSettings) {}

  async list(tenantId: string): Promise<Setting[]> {
    // One that a newer version has made is not shown by an older one, which could not say what it is.
    return (await this.stored.list(tenantId)).filter(({ name }) => isSettingName(name)).map(settingView);
  }

  /** @throws HttpError `not_found` */
  async get(tenantId: string, name: SettingName): Promise<Setting> {
    const row = await this.stored.find(tenantId, name);
    if (row === undefined) throw notFound('setting');
    return settingView(row);
  }

  /** @throws HttpError `invalid_request` for another value than the setting takes, `precondition_failed` */
  async put(
    { tenantId, actor }: RequestCaller,
    name: SettingName,
    value: unknown,
    expected: Expected,
  ): Promise<Setting> {
    const checked = settings[name].value.safeParse(value);
    if (!checked.success) {
      const errors = fieldProblems(checked.error).map((problem) => ({
        ...problem,
        pointer: `/value${problem.pointer}`,
      }));
      throw new HttpError('invalid_request', { errors });
    }
    const change = await this.stored.put(tenantId, actor, { name, value: checked.data, expected });
    if (change.kind === 'unexpected') throw await this.unexpected(tenantId, name);
    return settingView(change.row);
  }

  /** @throws HttpError `not_found`, `precondition_failed` */
  async remove({ tenantId, actor }: RequestCaller, name: SettingName, expected: Expected): Promise<void> {
    if (await this.stored.remove(tenantId, actor, name, expected)) return;
    throw expected === 'whatever' ? notFound('setting') : await this.unexpected(tenantId, name);
  }

  private async unexpected(tenantId: string, name: SettingName): Promise<HttpError> {
    const there = await this.stored.find(tenantId, name);
    if (there === undefined) return new HttpError('precondition_failed', { detail: 'The setting is not there' });
    const { etag } = settingView(there);
    const detail = `The setting is there, with the ETag ${etag}: read it, and send that as If-Match`;
    return new HttpError('precondition_failed', { detail, extensions: { etag } });
  }
}
