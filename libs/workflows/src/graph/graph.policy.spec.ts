import { WorkflowDefinition } from '@pulser/contracts';

import { diffOf } from './diff.policy.js';
import { graphOf } from './graph.policy.js';
import { mermaidOf } from './mermaid.policy.js';
import { svgOf } from './svg.policy.js';

const step = (name: string, more: object = {}) => ({
  name,
  task_type: 'analytics',
  payload: { operation: 'query' },
  ...more,
});

const definition = WorkflowDefinition.parse({
  steps: [
    step('ingest'),
    step('each', { needs: ['ingest'], map: { over: [1] }, when: 'true' }),
    { name: 'end', needs: ['each', 'ingest'], wait: { for_s: 5 } },
    { name: 'gate', needs: ['end'], wait: { signal: 'approved', within_s: 60 } },
  ],
});

describe('the graph of a definition', () => {
  it('has a node for each step, with its level, and an edge for each need', () => {
    expect(graphOf(definition)).toEqual({
      nodes: [
        { name: 'ingest', kind: 'task', label: 'analytics: query', is_map: false, has_condition: false, level: 0 },
        { name: 'each', kind: 'task', label: 'analytics: query', is_map: true, has_condition: true, level: 1 },
        { name: 'end', kind: 'wait', label: 'waits 5 s', is_map: false, has_condition: false, level: 2 },
        {
          name: 'gate',
          kind: 'wait',
          label: 'waits for approved up to 60 s',
          is_map: false,
          has_condition: false,
          level: 3,
        },
      ],
      edges: [
        { from: 'ingest', to: 'each' },
        { from: 'each', to: 'end' },
        { from: 'ingest', to: 'end' },
        { from: 'end', to: 'gate' },
      ],
    });
  });

  it('is Mermaid', () => {
    expect(mermaidOf(graphOf(definition))).toBe(
      [
        'flowchart LR',
        '  s_ingest["ingest: analytics: query"]',
        '  s_each["each (map): analytics: query"]',
        '  s_end(["end: waits 5 s"])',
        '  s_gate(["gate: waits for approved up to 60 s"])',
        '  s_ingest --> s_each',
        '  s_each --> s_end',
        '  s_ingest --> s_end',
        '  s_end --> s_gate',
        '',
      ].join('\n'),
    );
  });

  it('keeps foreign text text, in Mermaid and in SVG', () => {
    const evil = '"]; click a href "javascript:x" <script>alert(1)</script>';
    const graph = graphOf(WorkflowDefinition.parse({ steps: [step('a', { payload: { operation: evil } })] }));
    expect(mermaidOf(graph)).not.toMatch(/<|>alert|"\];/);
    expect(svgOf(graph)).not.toMatch(/<script|javascript:x"/);
    expect(svgOf(graph)).toMatch(/^<svg .*<\/svg>$/s);
  });
});

describe('the difference of two versions', () => {
  it('is said step by step', () => {
    const after = WorkflowDefinition.parse({
      description: 'New',
      steps: [
        step('extra'),
        step('ingest', { payload: { operation: 'query', limit: 5 } }),
        step('each', { needs: ['ingest'] }),
      ],
    });
    expect(diffOf(definition, after)).toMatchObject({
      added: ['extra'],
      removed: ['end', 'gate'],
      changed: [{ step: 'ingest', patch: [{ op: 'add', path: '/payload/limit', value: 5 }] }, { step: 'each' }],
      rest: [{ op: 'add', path: '/description', value: 'New' }],
    });
    expect(diffOf(definition, definition)).toEqual({ added: [], removed: [], changed: [], rest: [] });
  });
});
