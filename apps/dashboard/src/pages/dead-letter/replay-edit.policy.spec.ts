import { editOf, jsonText, payloadOf } from './replay-edit.policy.js';

describe('the payload of a replay', () => {
  it('is what was written, when it is a JSON object', () => {
    expect(payloadOf(jsonText({ a: [1] }))).toEqual({ ok: true, payload: { a: [1] } });
    expect(payloadOf('[1]')).toEqual({ ok: false, why: 'Must be a JSON object: {…}' });
    expect(payloadOf('{"a": }').ok).toBe(false);
  });

  it('is sent only when it was changed', () => {
    const before = { a: 1 };
    expect(editOf({ before, payload: { a: 1 }, priority: undefined })).toEqual({});
    expect(editOf({ before, payload: { a: 2 }, priority: 'high' })).toEqual({ payload: { a: 2 }, priority: 'high' });
  });
});
