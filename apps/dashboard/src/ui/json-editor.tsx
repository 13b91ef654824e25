// JSON to be written: highlighted, checked while it is typed, and beside an earlier text shown as what was changed. Load it
// lazily: `lazy(() => import('../../ui/json-editor.js'))`.
import './json-editor.css';

import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintKeymap } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension, StateEffect } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';

import { placeOf } from './json-place.policy.js';

interface JsonProblem {
  /** JSON Pointer of the member. */
  readonly pointer: string;
  readonly detail: string;
}

interface JsonEditorProps {
  /** What it is: "Payload". */
  readonly label: string;
  /** The text to start with. A later one replaces what was written when it differs from it. */
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** What it was: shown line by line beside what was changed. */
  readonly original?: string;
  readonly isReadOnly?: boolean;
  /** What is wrong with which member: marked where it stands. */
  readonly problems?: readonly JsonProblem[];
}

// Classes with colours of the theme: the sheet is made once and follows the tokens.
const colors = HighlightStyle.define([
  { tag: tags.propertyName, class: 'jed-name' },
  { tag: tags.string, class: 'jed-string' },
  { tag: tags.number, class: 'jed-number' },
  { tag: [tags.bool, tags.null], class: 'jed-word' },
]);

/** The nonce of the policy, for the one style element of the editor. */
const nonceOf = (): string => document.querySelector<HTMLMetaElement>('meta[nonce]')?.nonce ?? '';

// Ctrl-Enter is the page's: it sends what is written.
const keys = defaultKeymap.filter(({ key }) => key !== 'Mod-Enter');

/** Marks are made again when the problems are other ones, though the text is the same. */
const problemsChanged = StateEffect.define();

const noProblems: readonly JsonProblem[] = [];

/** Each problem at the member that it is about. */
const problemMarks = (text: string, problems: readonly JsonProblem[]): Diagnostic[] =>
  problems.map(({ pointer, detail }) => {
    const name = pointer.slice(pointer.lastIndexOf('/') + 1);
    return { ...placeOf(text, pointer), severity: 'error', message: name === '' ? detail : `${name}: ${detail}` };
  });

const extensionsOf = (
  { label, original, isReadOnly = false }: JsonEditorProps,
  onText: (text: string) => void,
  problems: () => readonly JsonProblem[],
): Extension => [
  EditorView.cspNonce.of(nonceOf()),
  EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  EditorState.readOnly.of(isReadOnly),
  EditorView.lineWrapping,
  lineNumbers(),
  history(),
  indentOnInput(),
  bracketMatching(),
  json(),
  syntaxHighlighting(colors),
  linter(jsonParseLinter()),
  linter(({ state }) => problemMarks(state.doc.toString(), problems()), {
    delay: 150,
    needsRefresh: ({ transactions }) =>
      transactions.some(({ effects }) => effects.some((effect) => effect.is(problemsChanged))),
  }),
  // Tab stays with the page: who writes by keyboard must be able to leave.
  keymap.of([...keys, ...historyKeymap, ...lintKeymap]),
  EditorView.updateListener.of((update) => {
    if (update.docChanged) onText(update.state.doc.toString());
  }),
  original === undefined ? [] : unifiedMergeView({ original, mergeControls: false, gutter: true }),
];

const JsonEditor = (props: JsonEditorProps) => {
  const { value, original, label, isReadOnly, problems = noProblems } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    if (place.current === null) return undefined;
    const written = view.current?.state.doc.toString() ?? latest.current.value;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: written,
        extensions: extensionsOf(
          { ...latest.current },
          (text) => {
            latest.current.onChange(text);
          },
          () => latest.current.problems ?? noProblems,
        ),
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
    };
  }, [original, label, isReadOnly]);
  useEffect(() => {
    const shown = view.current;
    if (shown === undefined || shown.state.doc.toString() === value) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: problemsChanged.of(null) });
  }, [problems]);
  return <div ref={place} className="jed" />;
};

// The one default export: React's `lazy` takes nothing else.
export default JsonEditor;
