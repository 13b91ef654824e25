export * from './roster.js';
export * from './mcp-catalogue.js';
