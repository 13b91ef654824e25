// The rules by which a change of a description is judged. A request is what clients send, a response what they get: to ask
// for more breaks the first, to give less or something new breaks the second. Of webhooks it is the other way round.

export const levels = ['breaking', 'minor', 'patch'] as const;
export type Level = (typeof levels)[number];

interface Rule {
  readonly level: Level;
  /** What it means for a client that was made for the earlier description. */
  readonly why: string;
}

const breaking = (why: string): Rule => ({ level: 'breaking', why });
const minor = (why: string): Rule => ({ level: 'minor', why });

export const changeRules = {
  'operation-removed': breaking('Clients that call it get an error.'),
  'operation-added': minor('Existing clients do not call it.'),
  'operation-deprecated': minor('It still works, and will be removed some day.'),
  'operation-restored': minor('It is no longer deprecated.'),
  'path-parameter-renamed': {
    level: 'patch',
    why: 'The name is no part of the request; generated clients may show it.',
  },

  'parameter-removed': breaking('Clients that send it are refused, or it has no effect any more.'),
  'required-parameter-added': breaking('Clients do not send it.'),
  'parameter-added': minor('Clients need not send it.'),
  'parameter-became-required': breaking('Clients that leave it out are refused.'),
  'parameter-became-optional': minor('Clients may go on sending it.'),
  'parameter-serialization-changed': breaking('Clients write its value in the earlier way.'),

  'request-body-removed': breaking('Clients that send a body are refused, or it has no effect any more.'),
  'required-request-body-added': breaking('Clients do not send a body.'),
  'request-body-added': minor('Clients need not send a body.'),
  'request-body-became-required': breaking('Clients that send no body are refused.'),
  'request-body-became-optional': minor('Clients may go on sending it.'),
  'request-media-type-removed': breaking('Clients that send this media type are refused.'),
  'request-media-type-added': minor('Clients may go on with the media types they send.'),

  'request-type-narrowed': breaking('Values of a type that was taken are refused.'),
  'request-type-widened': minor('More types are taken.'),
  'request-format-narrowed': breaking('Values that were taken may not have the format.'),
  'request-format-widened': minor('All earlier values are still taken.'),
  'request-enum-value-removed': breaking('Clients that send the value are refused.'),
  'request-enum-value-added': minor('More values are taken.'),
  'request-enum-introduced': breaking('Clients that send another value are refused.'),
  'request-enum-dropped': minor('More values are taken.'),
  'request-bound-tightened': breaking('Values that were within the bound are refused.'),
  'request-bound-loosened': minor('More values are taken.'),
  'request-pattern-changed': breaking(
    'Values that matched before may not match; patterns cannot be compared with each other.',
  ),
  'request-items-must-differ': breaking('Lists with an item twice are refused.'),
  'request-items-may-repeat': minor('More lists are taken.'),
  'request-default-changed': breaking('For clients that leave it out another value holds.'),
  'request-required-property-added': breaking('Clients do not send it.'),
  'request-property-added': minor('Clients need not send it.'),
  'request-property-removed': breaking('Clients that send it are refused, or it has no effect any more.'),
  'request-property-became-required': breaking('Clients that leave it out are refused.'),
  'request-property-became-optional': minor('Clients may go on sending it.'),
  'request-object-closed': breaking('Clients that send other members are refused.'),
  'request-object-opened': minor('Other members are taken, too.'),
  'request-alternative-removed': breaking('Clients that send this alternative are refused.'),
  'request-alternative-added': minor('More is taken.'),

  'response-removed': breaking('Clients wait for this answer.'),
  'response-added': minor('An answer that the earlier description does not have.'),
  'failure-response-removed': minor('A failure that is no longer described.'),
  'response-media-type-removed': breaking('Clients that ask for this media type do not get it.'),
  'response-media-type-added': minor('Clients get it only when they ask for it.'),
  'response-header-removed': breaking('Clients that read it do not find it.'),
  'response-header-added': minor('Clients do not read it.'),
  'response-header-became-optional': breaking('Clients that read it may not find it.'),
  'response-header-became-required': minor('It is always there.'),

  'response-type-widened': breaking('Clients get values of a type that they do not know of.'),
  'response-type-narrowed': minor('Clients get fewer types of values.'),
  'response-format-widened': breaking('Clients get values without the format, or beyond it.'),
  'response-format-narrowed': minor('All values are such as clients know.'),
  'response-enum-value-added': breaking('Clients get a value that they do not know of.'),
  'response-enum-value-removed': minor('Clients get fewer values.'),
  'response-enum-dropped': breaking('Clients get values that they do not know of.'),
  'response-enum-introduced': minor('Clients get fewer values.'),
  'response-bound-loosened': breaking('Clients get values beyond the bound.'),
  'response-bound-tightened': minor('All values are within the earlier bound.'),
  'response-pattern-changed': breaking(
    'Clients get values that do not match; patterns cannot be compared with each other.',
  ),
  'response-items-may-repeat': breaking('Clients get lists with an item twice.'),
  'response-items-must-differ': minor('Clients get fewer lists.'),
  'response-property-removed': breaking('Clients that read it do not find it.'),
  'response-property-added': minor('Clients do not read it.'),
  'response-property-became-optional': breaking('Clients that read it may not find it.'),
  'response-property-became-required': minor('It is always there.'),
  'response-object-opened': minor('Clients may get members that are not described.'),
  'response-object-closed': minor('Clients get described members only.'),
  'response-alternative-added': breaking('Clients get an alternative that they do not know of.'),
  'response-alternative-removed': minor('Clients get fewer alternatives.'),

  'security-tightened': breaking('A way to authorise that was enough is not enough any more.'),
  'security-loosened': minor('There is another way to authorise, or none is needed.'),
  'security-scheme-changed': breaking('Clients authorise in the earlier way.'),
  'server-removed': breaking('Clients call this address.'),
  'server-added': minor('Clients may go on calling the address they know.'),
} as const satisfies Readonly<Record<string, Rule>>;

export type ChangeRule = keyof typeof changeRules;

export const ruleOf = (rule: ChangeRule): Rule => changeRules[rule];
