// What the way of a call is made of. Needs Upstreams, ToolRegistry, and the stores of the context bus.
import type { Provider } from '@nestjs/common';
import { CallApprovals, TenantSecrets, TenantSettings, ToolCallLog } from '@pulser/context-bus';
import { Publisher } from '@pulser/messaging';
import { Breakers, Logger } from '@pulser/service-kit';

import { ToolRegistry } from '../registry/tool-registry.js';
import { Upstreams } from '../upstreams/upstreams.js';
import { ArgumentChecks } from './argument-checks.js';
import { Callers } from './callers.js';
import { CallMeter } from './call-meter.js';
import { CallRecorder } from './call-recorder.js';
import { CallCredentials } from './credentials.js';
import { OperatorVariables } from './operator-variables.js';
import { usualPlaces, ServerPlaces } from './server-places.js';
import { ServerStates } from './server-states.js';
import { ToolCalls } from './tool-calls.js';
import { UpstreamCalls } from './upstream-calls.js';

/** @param environment of the process, which holds what the operator sets for all tenants */
export const callProviders = (environment: Readonly<Record<string, string | undefined>>): Provider[] => [
  ...[ArgumentChecks, Callers, CallMeter, CallRecorder],
  { provide: OperatorVariables, useFactory: () => new OperatorVariables(environment) },
  { provide: ServerPlaces, useFactory: () => new ServerPlaces(usualPlaces) },
  {
    provide: CallCredentials,
    inject: [TenantSecrets, TenantSettings, OperatorVariables],
    useFactory: (secrets: TenantSecrets, settings: TenantSettings, operators: OperatorVariables) =>
      new CallCredentials(secrets, settings, operators),
  },
  {
    provide: ServerStates,
    inject: [Upstreams, Breakers],
    useFactory: (upstreams: Upstreams, breakers: Breakers) => new ServerStates(upstreams, breakers),
  },
  {
    provide: UpstreamCalls,
    inject: [Upstreams, ServerPlaces, Breakers],
    useFactory: (upstreams: Upstreams, places: ServerPlaces, breakers: Breakers) =>
      new UpstreamCalls(upstreams, places, breakers),
  },
  {
    provide: ToolCalls,
    inject: [
      ...[ToolRegistry, ArgumentChecks, CallCredentials, UpstreamCalls, CallApprovals, TenantSettings],
      ...[ToolCallLog, CallRecorder, CallMeter, Logger, ServerStates, Publisher],
    ],
    useFactory: (
      ...[
        registry,
        checks,
        credentials,
        upstreams,
        approvals,
        settings,
        log,
        recorder,
        meter,
        logger,
        servers,
        publisher,
      ]: [
        ToolRegistry,
        ArgumentChecks,
        CallCredentials,
        UpstreamCalls,
        CallApprovals,
        TenantSettings,
        ToolCallLog,
        CallRecorder,
        CallMeter,
        Logger,
        ServerStates,
        Publisher,
      ]
    ) =>
      new ToolCalls(
        registry,
        checks,
        credentials,
        upstreams,
        approvals,
        settings,
        log,
        recorder,
        meter,
        logger,
        () => ({
          servers: servers.listWithBreakers(),
        }),
        (tenantId) => {
          // Pages that are open show it at once; nothing depends on its arrival.
          publisher.publish('tenant.changed', { tenant_id: tenantId, what: ['approvals'] }).catch(() => undefined);
        },
      ),
  },
];
