// The form of a payload, from the JSON Schema of its operation. Loaded when it is wanted: the form library comes with it.
// The barrel of the library imports a validator for its tests, which is not installed here.
import Form from '@rjsf/core/lib/components/Form.js';
import {
  englishStringTranslator,
  type Experimental_DefaultFormStateBehavior,
  type RJSFSchema,
  TranslatableString,
  type UiSchema,
} from '@rjsf/utils';
import { useMemo } from 'react';

import { fields } from './form-fields.js';
import { asJson, formSchemaOf, formUiOf } from './form-schema.policy.js';
import { templates } from './form-templates.js';
import { widgets } from './form-widgets.js';
import { errorTree, payloadValidator } from './payload-validator.js';
import { type Json, isObject, type PayloadProblem } from './pointer.policy.js';

interface PayloadFormProps {
  readonly schema: Json;
  readonly payload: Json;
  readonly problems: readonly PayloadProblem[];
  readonly onChange: (payload: Json) => void;
  readonly isDisabled: boolean;
}

// The payload is what was written, and nothing else: what is left out, the agent fills in.
const noDefaults: Experimental_DefaultFormStateBehavior = {
  arrayMinItems: { populate: 'never' },
  emptyObjectFields: 'skipDefaults',
  allOf: 'skipDefaults',
  constAsDefaults: 'never',
  requiredBooleanDefault: 'skip',
};

/** A member that is added is empty: the library would write words of its own into it. */
const words = (key: TranslatableString, params?: string[]): string =>
  key === TranslatableString.NewStringDefault ? '' : englishStringTranslator(key, params);

const ownUi: UiSchema = {
  'ui:submitButtonOptions': { norender: true },
  'ui:globalOptions': { enableOptionalDataFieldForType: ['object'] },
};

const PayloadForm = ({ schema, payload, problems, onChange, isDisabled }: PayloadFormProps) => {
  const shown = useMemo(() => formSchemaOf(schema) as RJSFSchema, [schema]);
  const uiSchema = useMemo<UiSchema>(() => ({ ...(formUiOf(shown) ?? {}), ...ownUi }), [shown]);
  const errors = useMemo(() => errorTree(problems), [problems]);
  return (
    <Form
      tagName="div"
      className="payload-form"
      idPrefix="payload"
      schema={shown}
      uiSchema={uiSchema}
      formData={payload}
      extraErrors={errors}
      validator={payloadValidator}
      fields={fields}
      templates={templates}
      widgets={widgets}
      translateString={words}
      noHtml5Validate
      showErrorList={false}
      disabled={isDisabled}
      experimental_defaultFormStateBehavior={noDefaults}
      onChange={({ formData }, id) => {
        // Without a field behind it, the library only says what it was given: somebody may be writing the JSON.
        if (id === undefined) return;
        const next = asJson(formData ?? {});
        if (isObject(next)) onChange(next);
      }}
    >
      {/* It submits nothing by itself. */}
      <span hidden />
    </Form>
  );
};

// React's `lazy` takes nothing but a default export.
export default PayloadForm;
