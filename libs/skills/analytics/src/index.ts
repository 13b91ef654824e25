export * from './analytics.skill.js';
export { AnomaliesResult } from './anomalies/anomalies-contract.js';
export { ExplainChangeResult } from './change/explain-change-contract.js';
export { ForecastResult } from './forecast/forecast-contract.js';
export { QueryResult } from './query/query-contract.js';
export { ReportResult } from './report/report-contract.js';
export { TelemetryReportResult } from './telemetry-report/telemetry-report-contract.js';
